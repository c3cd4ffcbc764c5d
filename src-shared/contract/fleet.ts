import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { applianceEntrySchema } from '../model/appliance/applianceEntry.ts';
import { applianceStatusSchema } from '../model/appliance/applianceStatus.ts';
import { healthSchema } from '../model/tunnels/health.ts';
import { tunnelCountsSchema } from '../model/tunnels/tunnelCounts.ts';
import { licenceShowOutputSchema } from '../model/licence/licence.ts';
import { licenceScheduleSchema } from '../model/licence/licenceWork.ts';
import { linkStateSchema } from '../model/appliance/link.ts';
import { instantSchema } from '../base/time.ts';
import { capacityRunsSchema } from '../model/tenants/capacityCells.ts';
import { nothing, procedure } from './procedure.ts';

/** A value from an appliance with its time, or null before the first answer. */
function withObservationTime<T extends z.ZodType>(value: T) {
  return z.object({ value, observedAt: instantSchema }).nullable();
}

/**
 * An appliance as lists, pages and commands show it. Values survive a restart with their old `observedAt`. `unparsed`
 * holds the raw text of an appliance without `--json`.
 */
export const applianceViewSchema = z.object({
  entry: applianceEntrySchema,
  link: linkStateSchema,
  health: healthSchema,
  status: withObservationTime(applianceStatusSchema),
  licence: withObservationTime(licenceShowOutputSchema),
  /** The renewal of this licence: its dates, what is done, and what is next. */
  schedule: licenceScheduleSchema,
  unparsed: withObservationTime(z.object({ command: z.string(), text: z.string(), error: z.string() })),
  tenants: z.object({ total: z.int(), withSession: z.int(), suspended: z.int() }).nullable(),
  ports: z.object({ allotted: z.int(), listening: z.int() }).nullable(),
  /** Null until known. */
  capacity: capacityRunsSchema.nullable(),
  tunnels: tunnelCountsSchema,
  /** What sums over appliances add up. A tenant of a cluster counts only at the member that lists it. */
  counted: z.object({
    tenants: z.int(),
    withSession: z.int(),
    allotted: z.int(),
    listening: z.int(),
    tunnels: tunnelCountsSchema,
  }),
  syslog: z.object({ linesPerSecond: z.number() }).nullable(),
  /** Time of the last answer of any kind; the page shows its age. */
  observedAt: instantSchema.nullable(),
});
export type ApplianceView = z.infer<typeof applianceViewSchema>;

/**
 * Tells the page what to read again. Sends at most one event every 200 ms, with all changes since the last
 * event.
 */
export const changesSchema = z.object({
  appliances: z.array(applianceViewSchema),
  removed: z.array(z.uuid()),
  prompts: z.boolean(),
  audit: z.boolean(),
  /** Whether there are new probe results or new tunnel history. */
  ports: z.boolean(),
  notifications: z.boolean(),
  /** Whether an offline renewal changed. */
  licences: z.boolean().default(false),
  /** Whether the managed policy file changed, and with it perhaps locked settings. */
  policy: z.boolean().default(false),
  /** Whether the vault was locked or unlocked, a sign-in waits for it, or a credential changed. */
  secrets: z.boolean().default(false),
  /** Whether a run on many appliances changed, or there is a new one. */
  runs: z.boolean().default(false),
});
export type Changes = z.infer<typeof changesSchema>;

export const fleetContract = {
  overview: procedure('viewer')
    .input(nothing)
    .output(z.object({ appliances: z.array(applianceViewSchema) })),

  /** The console keeps its connections up while this stream is open. It ends when the page closes. */
  watch: procedure('viewer').input(nothing).output(eventIterator(changesSchema)),

  /** Keeps an appliance connected and polled while this stream is open: its page is shown. Says so once. */
  look: procedure('viewer')
    .input(z.strictObject({ id: z.uuid() }))
    .output(eventIterator(nothing)),

  /** Polls one appliance, or all, now. Resolves when each has answered or failed. */
  refresh: procedure('viewer')
    .input(z.strictObject({ id: z.uuid().nullable() }))
    .output(nothing),
};
