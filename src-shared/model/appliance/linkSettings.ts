import { z } from 'zod';
import { limitSetting, numberSetting } from '../../base/settingFields.ts';

/** How many links the console keeps, and how long one that nothing needs. The defaults are **[ours]**. */
export const linkSettingsSchema = z.strictObject({
  idleMinutes: numberSetting({
    label: 'Close a link on demand after',
    inputLabel: 'Minutes without use',
    unit: 'minutes without use',
    min: 1,
    max: 1440,
    default: 5,
  }),
  maxLinks: limitSetting({
    label: 'Connect to at most',
    inputLabel: 'Appliances at once',
    unit: 'appliances at once',
    min: 1,
    max: 10_000,
    default: 1000,
  }),
});
export type LinkSettings = z.infer<typeof linkSettingsSchema>;
export const defaultLinkSettings = linkSettingsSchema.parse({});
