import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { visibleLine } from '../../base/machineText.ts';

const nameSchema = z.string().max(256);
export const daySchema = z.iso.date('must be a day such as 2026-11-30');

/** A line that a person typed, without invisible characters. */
const lineSchema = z
  .string()
  .trim()
  .max(300, 'must have at most 300 characters')
  .refine((text) => visibleLine(text) === text, 'must be one line without invisible characters');
export const workNoteSchema = lineSchema;
export const snoozeReasonSchema = lineSchema.min(1, 'must not be empty');

const stepDoneSchema = z.object({ at: instantSchema, by: nameSchema, note: z.string().max(300) });
export type StepDone = z.infer<typeof stepDoneSchema>;

/** No reminder is raised before the day `until`. */
export const snoozeSchema = z.object({
  until: daySchema,
  reason: z.string().max(300),
  at: instantSchema,
  by: nameSchema,
});

/** What people did for the renewal of one licence. It starts again with the next sequence number **[ours]**. */
export const licenceWorkSchema = z.object({
  done: z.object({ quote: stepDoneSchema.optional(), order: stepDoneSchema.optional() }).default({}),
  snooze: snoozeSchema.nullable().default(null),
});
export type LicenceWork = z.infer<typeof licenceWorkSchema>;

/** The steps that people mark as done. The console sees the others. */
export const markedStepSchema = z.enum(['quote', 'order']);
export type MarkedStep = z.infer<typeof markedStepSchema>;

/** The steps of a renewal with their last days, and the step to do next. */
export const licenceScheduleSchema = z.object({
  dates: z.array(
    z.object({
      step: z.enum(['quote', 'order', 'carry', 'apply']),
      day: daySchema,
      movedFrom: daySchema.nullable(),
      movedBy: z.string().nullable(),
      done: stepDoneSchema.nullable(),
    }),
  ),
  /** Null if no licence is required or none is known. `day` is null if the step can’t wait. */
  next: z
    .object({
      step: z.enum(['quote', 'order', 'carry', 'apply', 'receive', 'renew', 'install']),
      day: daySchema.nullable(),
    })
    .nullable(),
  /** Whether the next step can’t wait or its day is near, and it is not snoozed. */
  isDue: z.boolean(),
  /** Whether the first work for the renewal is done or near, also while no step is due, and it is not snoozed. */
  hasBegun: z.boolean(),
  /** Null if its day has come. */
  snooze: snoozeSchema.nullable(),
});
export type LicenceSchedule = z.infer<typeof licenceScheduleSchema>;

export const emptySchedule: LicenceSchedule = {
  dates: [],
  next: null,
  isDue: false,
  hasBegun: false,
  snooze: null,
};
