import { z } from 'zod';
import { reasonSchema } from '../model/audit/reason.ts';
import {
  preparedRunSchema,
  runNumberSchema,
  runSummarySchema,
  runViewSchema,
} from '../model/fanOut/fleetRun.ts';
import { maxRunAppliances, requestedOrderSchema } from '../model/fanOut/runOrder.ts';
import { runTaskSchema } from '../model/fanOut/runTask.ts';
import { nothing, procedure } from './procedure.ts';

const byNumber = z.strictObject({ number: runNumberSchema });
const runOutput = z.object({ run: runViewSchema });
const preparedOutput = z.object({ prepared: preparedRunSchema });

/**
 * Runs of one command or planned change on many appliances. Who may prepare, start, stop and roll back depends on the task:
 * `taskKinds` has the lowest role. With a lower one, these reject with NOT_PERMITTED.
 */
export const fanOutContract = {
  /** Plans a run for each appliance and changes nothing. Rejects with INVALID_INPUT. */
  prepare: procedure('viewer')
    .input(
      z.strictObject({
        task: runTaskSchema,
        applianceIds: z.array(z.uuid()).min(1).max(maxRunAppliances),
        order: requestedOrderSchema,
      }),
    )
    .output(preparedOutput),
  /** Plans what failed or was not started. Rejects with NOT_FOUND, BUSY, or INVALID_INPUT if nothing is left. */
  prepareRest: procedure('viewer').input(byNumber).output(preparedOutput),
  /** Starts a prepared run and returns at once. Rejects with NOT_FOUND, BUSY, or INVALID_INPUT for a change without reason. */
  start: procedure('viewer')
    .input(z.strictObject({ draftId: z.uuid(), reason: reasonSchema.or(z.literal('')) }))
    .output(runOutput),
  /** A run as it is now. */
  get: procedure('viewer').input(byNumber).output(runOutput),
  /** The runs that are kept, newest first. */
  list: procedure('viewer')
    .input(nothing)
    .output(z.object({ runs: z.array(runSummarySchema) })),
  /** `compared` and `most` are without what is different on each appliance anyway. Null without output. */
  output: procedure('viewer')
    .input(byNumber.extend({ applianceId: z.uuid() }))
    .output(
      z.object({
        output: z.string().nullable(),
        compared: z.string().nullable(),
        most: z.string().nullable(),
      }),
    ),
  /** Starts nothing new; what runs already ends. */
  stop: procedure('viewer').input(byNumber).output(runOutput),
  /** Undoes the change on each appliance that has it, and returns at once. */
  rollBack: procedure('viewer')
    .input(byNumber.extend({ reason: reasonSchema }))
    .output(runOutput),
  /** The results with their outputs as a file. */
  export: procedure('viewer')
    .input(byNumber.extend({ format: z.enum(['csv', 'json']) }))
    .output(z.object({ name: z.string(), text: z.string() })),
};
