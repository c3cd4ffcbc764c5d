import { connectModes } from '../../src-shared/model/appliance/connectModes.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { LinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import { minuteMs, secondMs } from '../../src-shared/base/time.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import type { Log } from '../base/log.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createLinkHolds } from './linkHolds.ts';
import { createLinkSlots } from './linkSlots.ts';

/** How often links that wait are looked at, because the limit may have been raised. */
const serveEveryMs = 5 * secondMs;

/** Which links are needed, how long an unneeded one stays, and which may be up at once. */
export function createLinkDemand(options: {
  inventory: Pick<Inventory, 'list'>;
  settings: () => LinkSettings;
  /** How long an unneeded link stays up; on demand, the settings say it. */
  lingerMs: number;
  /** Ends the connection of a link. */
  release: (id: string) => void;
  /** Starts a link that has waited for a slot. */
  start: (id: string) => void;
  onWaiting: (id: string) => void;
  log: Log;
}) {
  const { inventory, settings, release } = options;
  const readModes = () => new Map(inventory.list().map(({ id, connect }) => [id, connect]));
  let modes = readModes();
  const isForFleet = (id: string): boolean => connectModes[modes.get(id) ?? 'always'].isForFleet;
  const holds = createLinkHolds({
    lingerMs: (id) => (isForFleet(id) ? options.lingerMs : settings().idleMinutes * minuteMs),
    isForFleet,
    onExpired: (id) => {
      release(id);
      slots.free(id);
    },
  });
  const slots = createLinkSlots({
    max: () => settings().maxLinks,
    mayClose: (id) => !isForFleet(id) && !holds.has(id),
    closeLink: (id) => {
      holds.cancelExpiry(id);
      release(id);
    },
    startLink: options.start,
    onWaiting: options.onWaiting,
  });
  const stop = callEvery({
    everyMs: serveEveryMs,
    work: slots.serve,
    onError: (thrown) => options.log.error({ err: thrown }, 'could not start links that wait'),
  });

  return {
    holds,
    slots,
    isForFleet,
    /** Reads again which appliances connect on demand. */
    readModes: (): void => {
      modes = readModes();
    },
    /** A link that is not up says why. Not for one that the user disconnected. */
    withReason: (id: string, state: LinkState): LinkState => {
      if (state.state !== 'idle') return state;
      if (slots.isWaiting(id)) return { ...state, reason: 'queued' };
      return isForFleet(id) ? state : { ...state, reason: 'on-demand' };
    },
    stop,
  };
}
