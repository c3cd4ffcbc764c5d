import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { explainRuleSchema } from '../model/syslog/explain/explainRule.ts';
import { keptGapSchema, keptLineSchema, lineAddressSchema, lineKeySchema } from '../model/syslog/keptLine.ts';
import { bookmarkSchema, logNotesSchema, savedFilterSchema } from '../model/syslog/logNotes.ts';
import { logQuerySchema } from '../model/syslog/query/logQuerySchema.ts';
import { nothing, procedure } from './procedure.ts';

const applianceIds = z.array(z.uuid()).min(1).max(100);

/** What to find. `from` and `to` bound the time by the console's clock, both included, in epoch milliseconds. */
export const keptSearchSchema = z.strictObject({
  query: logQuerySchema,
  applianceIds,
  from: z.number().nullable(),
  to: z.number().nullable(),
});
export type KeptSearch = z.infer<typeof keptSearchSchema>;

/** Found lines, in the direction of the search. All lines up to the time `scannedTo` are searched; null if all are. */
export const foundLinesSchema = z.object({
  lines: z.array(keptLineSchema),
  isDone: z.boolean(),
  scannedTo: z.number().nullable(),
});
export type FoundLines = z.infer<typeof foundLinesSchema>;

/** `counts`: hits by bar and severity, bar by bar; each bar has the eight severities and then lines without one. */
export const histogramSchema = z.object({
  from: z.number(),
  to: z.number(),
  bars: z.int(),
  counts: z.array(z.int()),
});
export type LogHistogram = z.infer<typeof histogramSchema>;

export const foundCountSchema = z.object({
  hits: z.int(),
  scannedLines: z.int(),
  totalLines: z.int(),
  isDone: z.boolean(),
  histogram: histogramSchema.nullable(),
});
export type FoundCount = z.infer<typeof foundCountSchema>;

const facetSchema = z.object({
  /** The most frequent values. */
  values: z.array(z.object({ value: z.string(), count: z.int() })),
  /** Hits with any other value. */
  others: z.int(),
});
/** Hits by value. `severity`: those of the eight severities, then those without one. `appliance`: by ID. */
export const facetsSchema = z.object({
  severity: z.array(z.int()),
  program: facetSchema,
  host: facetSchema,
  appliance: facetSchema,
});
export type LogFacets = z.infer<typeof facetsSchema>;
export const facetReportSchema = z.object({
  facets: facetsSchema,
  scannedLines: z.int(),
  totalLines: z.int(),
  isDone: z.boolean(),
});
export type FacetReport = z.infer<typeof facetReportSchema>;

/** What happens to the logs. `changed` grows when lines or gaps were added. `store`: whether new lines are kept. */
export const keptStateSchema = z.object({
  store: z.enum(['keeping', 'full', 'elsewhere']),
  changed: z.int(),
  appliances: z.array(
    z.object({
      applianceId: z.uuid(),
      phase: z.enum(['waiting', 'surveying', 'catching-up', 'following']),
      isFilling: z.boolean(),
      trouble: z.string().nullable(),
      receivedBytes: z.number(),
    }),
  ),
});
export type KeptState = z.infer<typeof keptStateSchema>;

/** The operator's own rules that explain lines, from the file `path`, and the faults of the others. */
export const ownExplainRulesSchema = z.object({
  path: z.string(),
  rules: z.array(explainRuleSchema),
  problems: z.array(z.object({ line: z.int(), message: z.string() })),
});
export type OwnExplainRules = z.infer<typeof ownExplainRulesSchema>;

export const logsContract = {
  /** Reads the logs of these appliances into the store while the stream is open, and reports what happens. */
  watch: procedure('viewer').input(z.strictObject({ applianceIds })).output(eventIterator(keptStateSchema)),

  /**
   * At most `limit` lines next to `after`, nearest first; null starts at the end. The first lines are sent at once. The
   * search ends when the reader leaves. Rejects with INVALID_INPUT for a query that can't be searched.
   */
  lines: procedure('viewer')
    .input(
      z.strictObject({
        search: keptSearchSchema,
        direction: z.enum(['older', 'newer']),
        after: lineKeySchema.nullable(),
        limit: z.int().min(1).max(1000),
      }),
    )
    .output(eventIterator(foundLinesSchema)),

  /** How many lines are found, with a histogram unless `bars` is 0. The last report is exact. */
  count: procedure('viewer')
    .input(z.strictObject({ search: keptSearchSchema, bars: z.int().min(0).max(400) }))
    .output(eventIterator(foundCountSchema)),

  /** How many found lines have which value. The last report is exact. */
  facets: procedure('viewer')
    .input(z.strictObject({ search: keptSearchSchema }))
    .output(eventIterator(facetReportSchema)),

  /** The line with this address; null if it is not kept any more. */
  line: procedure('viewer')
    .input(lineAddressSchema)
    .output(z.object({ line: keptLineSchema.nullable() })),

  /**
   * The tenants of a line: that it names, or whose session wrote it. Empty if there is none, or no such line. `keys`: those
   * that may log in as these tenants now.
   */
  tenants: procedure('viewer')
    .input(lineAddressSchema)
    .output(
      z.object({
        clientIds: z.array(z.string()),
        keys: z.array(z.object({ clientId: z.string(), fingerprint: z.string() })),
      }),
    ),

  /** Where lines are missing, oldest first. */
  gaps: procedure('viewer')
    .input(z.strictObject({ applianceIds }))
    .output(z.object({ gaps: z.array(keptGapSchema) })),

  explainRules: procedure('viewer').input(nothing).output(ownExplainRulesSchema),

  notes: procedure('viewer')
    .input(nothing)
    .output(z.object({ notes: logNotesSchema })),

  /** Adds a filter, or replaces the one with this name. */
  saveFilter: procedure('operator')
    .input(z.strictObject({ filter: savedFilterSchema }))
    .output(nothing),
  removeFilter: procedure('operator')
    .input(z.strictObject({ name: z.string() }))
    .output(nothing),

  /** Adds a bookmark, or replaces the one of this line. */
  setBookmark: procedure('operator')
    .input(z.strictObject({ bookmark: bookmarkSchema }))
    .output(nothing),
  removeBookmark: procedure('operator').input(z.strictObject(lineAddressSchema.shape)).output(nothing),

  /** Lines up to this one were looked at. An older line than before changes nothing. */
  markLooked: procedure('viewer')
    .input(z.strictObject({ key: lineKeySchema }))
    .output(nothing),
};
