import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { applianceEntrySchema } from '../model/appliance/applianceEntry.ts';
import { applianceStatusSchema } from '../model/appliance/applianceStatus.ts';
import { healthSchema } from '../model/tunnels/health.ts';
import { licenceShowSchema } from '../model/licence/licence.ts';
import { linkStateSchema } from '../model/appliance/link.ts';
import { instantSchema } from '../base/time.ts';
import { nothing, procedure } from './procedure.ts';

/** A value that an appliance gave, and when. Null until it first did. */
function observed<T extends z.ZodType>(value: T) {
  return z.object({ value, observedAt: instantSchema }).nullable();
}

/**
 * One appliance as every list, page and command shows it. Values survive a restart with their old `observedAt`.
 * `unparsed` holds the raw text of an appliance that does not know `--json`.
 */
export const applianceViewSchema = z.object({
  entry: applianceEntrySchema,
  link: linkStateSchema,
  health: healthSchema,
  status: observed(applianceStatusSchema),
  licence: observed(licenceShowSchema),
  unparsed: observed(z.object({ command: z.string(), text: z.string(), error: z.string() })),
  tenants: z
    .object({
      total: z.int(),
      withSession: z.int(),
      suspended: z.int(),
      /** Whose they are, where the appliance is in a cluster: so that who adds up counts each once. */
      clustered: z.object({ all: z.array(z.string()), withSession: z.array(z.string()) }).nullable(),
    })
    .nullable(),
  ports: z.object({ allotted: z.int(), listening: z.int() }).nullable(),
  /** Share of each cell of 20 ports that is allotted, 150 numbers from 0 to 1; null until known. */
  capacity: z.array(z.object({ allotted: z.number(), listening: z.number(), bad: z.boolean() })).nullable(),
  tunnelsNotWell: z.int(),
  syslog: z.object({ linesPerSecond: z.number() }).nullable(),
  /** When the appliance last answered anything; what the page's age shows. */
  observedAt: instantSchema.nullable(),
});
export type ApplianceView = z.infer<typeof applianceViewSchema>;

/** What the page must read again. Batched: at most one event every 200 ms carries all that changed. */
export const changesSchema = z.object({
  appliances: z.array(applianceViewSchema),
  removed: z.array(z.uuid()),
  prompts: z.boolean(),
  audit: z.boolean(),
  /** Probe results or tunnel history are new. */
  ports: z.boolean(),
  notifications: z.boolean(),
});
export type Changes = z.infer<typeof changesSchema>;

export const fleetContract = {
  overview: procedure('viewer')
    .input(nothing)
    .output(z.object({ appliances: z.array(applianceViewSchema) })),

  /** While anybody watches, the console keeps its links up. Ends when the page goes away. */
  watch: procedure('viewer').input(nothing).output(eventIterator(changesSchema)),

  /** Asks one appliance, or all, now; resolves when the answers are in or have failed. */
  refresh: procedure('viewer')
    .input(z.strictObject({ id: z.uuid().nullable() }))
    .output(nothing),
};
