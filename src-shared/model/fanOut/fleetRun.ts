import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { outputComparisonSchema } from './compareOutputs.ts';
import { runOrderSchema } from './runOrder.ts';
import { applianceStateSchema, runStateSchema, skipReasonSchema, stopCauseSchema } from './runStates.ts';
import { runTaskSchema } from './runTask.ts';

/** How runs are called: `RUN-0031`. */
export const runNumberSchema = z.int().positive().max(999_999_999);
export const formatRun = (number: number): string => `RUN-${String(number).padStart(4, '0')}`;
/** The number of `RUN-0031`, `run-31` or `31`. Null for any other text. */
export function parseRun(text: string): number | null {
  const [, digits] = /^(?:run-)?0*(\d{1,9})$/iu.exec(text.trim()) ?? [];
  return runNumberSchema.safeParse(Number(digits)).data ?? null;
}

/** How many of an appliance's tunnels answer. */
export const tunnelsAnsweringSchema = z.object({ answering: z.int(), total: z.int() });
export type TunnelsAnswering = z.infer<typeof tunnelsAnsweringSchema>;

/** Which appliances of a run take part, with what the plan says before it starts. */
export const plannedApplianceSchema = z.object({
  applianceId: z.uuid(),
  name: z.string(),
  isProduction: z.boolean(),
  skip: skipReasonSchema.nullable(),
  /** Why it is skipped, or what the plan changes, as sentences. */
  notes: z.array(z.string().max(1000)).max(50),
  /** How many sessions and tunnels the change ends. */
  ends: z.int().nonnegative(),
});
export type PlannedAppliance = z.infer<typeof plannedApplianceSchema>;

export const waveSchema = z.object({ name: z.string(), isCanary: z.boolean(), ids: z.array(z.uuid()) });

/** The longest note of a result. */
export const maxNote = 2000;

/** What one appliance did in a run. */
export const applianceResultSchema = z.object({
  applianceId: z.uuid(),
  name: z.string(),
  isProduction: z.boolean(),
  state: applianceStateSchema,
  skip: skipReasonSchema.nullable(),
  /** Of the command, or as `sallyport` ends after this error. */
  exitCode: z.int().nullable(),
  milliseconds: z.int().nonnegative().nullable(),
  tunnels: tunnelsAnsweringSchema.nullable(),
  /** Of the configuration, before and after the change. */
  revision: z.object({ before: z.int(), after: z.int() }).nullable(),
  /** Why it failed or was skipped, or what a rollback did. Empty if there is nothing to say. */
  note: z.string().max(maxNote),
  /** Null if the command did not run to its end. Cut to a bound. */
  output: z.string().nullable(),
  isCut: z.boolean(),
});
export type ApplianceResult = z.infer<typeof applianceResultSchema>;

export const fleetRunSchema = z.object({
  number: runNumberSchema,
  task: runTaskSchema,
  order: runOrderSchema,
  /** The command as it runs on each appliance. */
  command: z.string(),
  state: runStateSchema,
  stopCause: stopCauseSchema.nullable(),
  operator: z.string(),
  reason: z.string(),
  startedAt: instantSchema,
  /** Null while it runs. */
  endedAt: instantSchema.nullable(),
  waves: z.array(waveSchema),
});
export type FleetRun = z.infer<typeof fleetRunSchema>;

/** A run as pages and commands show it; outputs are read one by one. */
export const runViewSchema = fleetRunSchema.extend({
  results: z.array(
    applianceResultSchema
      .omit({ output: true })
      .extend({ comparison: outputComparisonSchema, canRollBack: z.boolean() }),
  ),
  /** The names of those with the output of most. */
  most: z.array(z.string()),
});
export type RunView = z.infer<typeof runViewSchema>;
export type ResultView = RunView['results'][number];

export const runSummarySchema = fleetRunSchema
  .pick({
    number: true,
    task: true,
    command: true,
    state: true,
    stopCause: true,
    operator: true,
    reason: true,
  })
  .extend({
    startedAt: instantSchema,
    endedAt: instantSchema.nullable(),
    counts: z.partialRecord(applianceStateSchema, z.int()),
  });
export type RunSummary = z.infer<typeof runSummarySchema>;

/** A planned run that was not started yet. `resumes`: the number of the run whose rest it is. */
export const preparedRunSchema = z.object({
  draftId: z.uuid(),
  task: runTaskSchema,
  order: runOrderSchema,
  command: z.string(),
  appliances: z.array(plannedApplianceSchema),
  waves: z.array(waveSchema),
  resumes: runNumberSchema.nullable(),
});
export type PreparedRun = z.infer<typeof preparedRunSchema>;
