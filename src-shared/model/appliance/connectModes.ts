import { z } from 'zod';
import { connectModeNames, type ConnectMode } from './connectModeNames.ts';

type ConnectModeFacts = {
  label: string;
  /** Whether watching the whole fleet is a reason to connect. */
  isForFleet: boolean;
  /** What the mode means for the user. */
  meaning: string;
};

/** When the console connects to an appliance. */
export const connectModes = {
  always: {
    label: 'Always connected',
    isForFleet: true,
    meaning: 'Connected while a page or sallyport watch shows the fleet.',
  },
  'on-demand': {
    label: 'On demand',
    isForFleet: false,
    meaning:
      'Connected while its page or a command needs it, or a log rule or stream is open; idle otherwise.',
  },
} as const satisfies Record<ConnectMode, ConnectModeFacts>;

export const connectModeSchema = z.enum(connectModeNames);
