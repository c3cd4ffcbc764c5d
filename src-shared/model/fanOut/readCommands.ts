import { z } from 'zod';

export const readCommandSchema = z.enum([
  'status',
  'licence',
  'licences',
  'tenants',
  'configuration',
  'configurations',
  'statements',
]);
export type ReadCommand = z.infer<typeof readCommandSchema>;

type Variation = readonly [pattern: RegExp, shown: string];

/** When an appliance pinged the authority, and when it does next. */
const pingTimes: Variation = [/(?<=^Pings .*)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/gmu, '‹time›'];

type ReadFacts = {
  argv: readonly string[];
  label: string;
  /** What is different on each appliance at each time, with what stands in its place when outputs are compared. */
  varies?: readonly Variation[];
};

/** The commands of the kit that a run may read with **[doc: their names]**. None takes text of the user. */
export const readCommands: Readonly<Record<ReadCommand, ReadFacts>> = {
  status: {
    argv: ['ke_status'],
    label: 'Versions, services and load',
    varies: [
      [/^(Up +).+$/gmu, '$1‹duration›'],
      [/^(Disk .+ )[\d.]+( of [\d.]+ GB free)$/gmu, '$1‹some›$2'],
      pingTimes,
    ],
  },
  licence: { argv: ['ke_manage_license_key', 'show'], label: 'Licence', varies: [pingTimes] },
  licences: { argv: ['ke_manage_license_key', 'history'], label: 'Licences that were installed' },
  tenants: { argv: ['ke_manage_remote_networks', 'list'], label: 'Tenants and their ports' },
  configuration: { argv: ['ke_update_configuration', 'show'], label: 'Configuration with masked secrets' },
  configurations: { argv: ['ke_update_configuration', 'history'], label: 'Kept configurations' },
  statements: { argv: ['ke_usage_report', 'statements'], label: 'Kept usage statements' },
};
