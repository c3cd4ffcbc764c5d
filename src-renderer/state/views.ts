import { z } from 'zod';
import { tripStepSchema } from '../../src-shared/model/licence/tripSteps.ts';
import { auditChipSchema } from '../../src-shared/model/audit/auditEvents.ts';

const text = z.string().catch('');

/**
 * The part of each page's state in its address: filter, order and selection. Unknown values become the default, so that
 * an old link still opens. `sort` is a column's ID, with `-` before it for descending.
 */
export const views = {
  fleet: z.object({
    q: text,
    show: z.enum(['all', 'attention', 'away']).catch('all'),
    /** Only appliances with this tag; empty for all. */
    tag: text,
    sort: text,
    appliance: text,
  }),
  tenants: z.object({
    q: text,
    show: z.enum(['all', 'attention', 'unknown', 'suspended', 'untested']).catch('all'),
    /** The arrangement of the table while `sort` is empty. */
    order: z.enum(['tenant', 'attention', 'destination']).catch('tenant'),
    sort: text,
    /** Identifies rows of one tenant that have no port. */
    repository: text,
  }),
  licences: z.object({
    show: z.enum(['calendar', 'table', 'trips']).catch('calendar'),
    /** How many months the calendar shows. */
    months: z.enum(['3', '8', '24']).catch('8'),
    sort: text,
    /** The name of the appliance whose renewal is being opened; empty for none. */
    renew: text,
    /** The name of the appliance that is renewed through this computer; empty for none. */
    window: text,
    /** The name of the appliance whose reminders are being snoozed; empty for none. */
    snooze: text,
    /** The name of the appliance whose steps are being marked; empty for none. */
    mark: text,
  }),
  licenceTrip: z.object({
    /** The step that is looked at; empty for the step to do next. */
    step: z.enum(['', ...tripStepSchema.options]).catch(''),
  }),
  usage: z.object({
    show: z.enum(['preview', 'what-if']).catch('preview'),
    /** A month such as 2026-11; empty for the present one of the appliance. */
    month: text,
    /** The key of the invoice line that is open; empty for none. */
    line: text,
    report: z.enum(['per-user', 'standard', 'ping']).catch('per-user'),
    chart: z.enum(['connectors', 'active', 'cost']).catch('connectors'),
    /** How many days the charts show. */
    days: z.enum(['30', '90', '365']).catch('90'),
    as: z.enum(['chart', 'table']).catch('chart'),
  }),
  audit: z.object({
    q: text,
    show: z.enum(['all', ...auditChipSchema.options]).catch('changes'),
    sort: text,
    /** The number of a record of the chosen action. */
    record: text,
  }),
  syslog: z.object({
    q: text,
    severity: z.enum(['all', 'warning', 'err']).catch('all'),
    /** Names of the followed appliances, each followed by a comma; empty for the default. */
    from: text,
    show: z.enum(['live', 'search']).catch('live'),
    /** The query of the search. */
    find: text,
    /** The time that is searched, in the words of a query, such as -24h; empty for all. */
    range: text,
    /** The time that is selected in the histogram, as `from..to` in epoch milliseconds. */
    span: text,
    /** The address of the selected line, `source.line`. */
    line: text,
  }),
};

export type ViewName = keyof typeof views;
export type ViewOf<Name extends ViewName> = z.infer<(typeof views)[Name]>;
type View = Readonly<Record<string, string>>;

/** Reads the search part of an address, e.g. `?q=acme`, with `schema`. */
export function readView<Shape extends View>(schema: z.ZodType<Shape>, search: string): Shape {
  return schema.parse(Object.fromEntries(new URLSearchParams(search)));
}

/** The search part of an address with all values that differ from the default; empty if none do. */
export function writeView<Shape extends View>(schema: z.ZodType<Shape>, view: Partial<Shape>): string {
  const defaults = new Map(Object.entries(schema.parse({})));
  const changed = Object.entries(schema.parse(view)).filter(([name, value]) => defaults.get(name) !== value);
  return changed.length === 0 ? '' : `?${new URLSearchParams(changed)}`;
}
