import { z } from 'zod';
import {
  leadTimesSchema,
  orderedLeadTimesSchema,
  remindersSchema,
} from '../model/licence/calendarSettings.ts';
import {
  daySchema,
  markedStepSchema,
  snoozeReasonSchema,
  workNoteSchema,
} from '../model/licence/licenceWork.ts';
import { maxDocumentBytes } from '../model/licence/documents.ts';
import { historyOutputSchema } from '../model/licence/licenceCommands.ts';
import { tripSummarySchema, tripViewSchema, tripWaySchema } from '../model/licence/trip.ts';
import { nothing, procedure } from './procedure.ts';

const byTrip = z.strictObject({ tripId: z.uuid() });
/** `sequence` is that of the licence that the operator saw; null if none is installed. */
const byLicence = z.strictObject({ applianceId: z.uuid(), sequence: z.int().positive().nullable() });
const tripOutput = z.object({ view: tripViewSchema });
/** Text as people paste it, with line breaks and quoting; the console finds the document in it. */
const pastedSchema = z.string().max(4 * maxDocumentBytes);

/** Offline renewals. The expiry of each licence is part of the fleet's views. */
export const licencesContract = {
  /** Open trips first, then ended ones, newest first. */
  trips: procedure('viewer')
    .input(nothing)
    .output(z.object({ trips: z.array(tripSummarySchema) })),
  trip: procedure('viewer').input(byTrip).output(tripOutput),

  /** Makes a request on the appliance. An open trip of this appliance becomes void. */
  openTrip: procedure('operator')
    .input(z.strictObject({ applianceId: z.uuid() }))
    .output(tripOutput),
  markCarried: procedure('operator')
    .input(byTrip.extend({ way: tripWaySchema }))
    .output(tripOutput),
  /**
   * Verifies the answer on this computer; nothing is sent. An answer with failed checks is kept and shown, but can't
   * be dry-run. Rejects with INVALID_INPUT if the text contains no document.
   */
  readAnswer: procedure('operator')
    .input(byTrip.extend({ way: tripWaySchema, text: pastedSchema }))
    .output(tripOutput),
  rejectAnswer: procedure('operator').input(byTrip).output(tripOutput),
  acknowledgeLoss: procedure('operator')
    .input(byTrip.extend({ loss: z.string().max(128), isAcknowledged: z.boolean() }))
    .output(tripOutput),
  /** Asks the appliance to check the answer. Changes nothing. */
  dryRun: procedure('operator').input(byTrip).output(tripOutput),
  /**
   * Applies the answer, reads the licence back, and rolls back if it differs. Rejects with INVALID_INPUT before a
   * passed dry run and while a loss is not acknowledged. Resolves with `trip.failure` if the appliance refused the
   * answer or the result is not known yet.
   */
  apply: procedure('admin').input(byTrip).output(tripOutput),
  /**
   * Asks the appliance whether the answer was applied, if the link was lost while it was. The console also does this
   * when the appliance is connected again.
   */
  settle: procedure('operator').input(byTrip).output(tripOutput),
  markReceiptCarried: procedure('operator')
    .input(byTrip.extend({ way: tripWaySchema }))
    .output(tripOutput),
  cancelTrip: procedure('operator').input(byTrip).output(tripOutput),

  /** The trip file, to continue on another computer. */
  exportTrip: procedure('operator')
    .input(byTrip)
    .output(z.object({ fileName: z.string().max(300), text: z.string() })),
  /** Continues a trip from its file. If the trip is known here, the later step of both is kept. */
  importTrip: procedure('operator')
    .input(z.strictObject({ text: z.string().max(2_000_000) }))
    .output(tripOutput),

  /** The settings of the calendar. The dates of each licence are part of the fleet's views. */
  calendar: procedure('viewer')
    .input(nothing)
    .output(z.object({ leadTimes: leadTimesSchema, reminders: remindersSchema })),
  /** Rejects with INVALID_INPUT if a step would come after the next one. */
  setLeadTimes: procedure('admin')
    .input(z.strictObject({ leadTimes: orderedLeadTimesSchema }))
    .output(nothing),
  setReminders: procedure('admin')
    .input(z.strictObject({ reminders: remindersSchema }))
    .output(nothing),
  /** Each of these rejects with CONFLICT if another licence than the named one is installed by now. */
  snooze: procedure('operator')
    .input(byLicence.extend({ until: daySchema, reason: snoozeReasonSchema }))
    .output(nothing),
  endSnooze: procedure('operator').input(byLicence).output(nothing),
  markStep: procedure('operator')
    .input(byLicence.extend({ step: markedStepSchema, isDone: z.boolean(), note: workNoteSchema }))
    .output(nothing),

  history: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid() }))
    .output(historyOutputSchema),
  /** Installs a kept version again. */
  rollBack: procedure('admin')
    .input(z.strictObject({ applianceId: z.uuid(), sequence: z.int().positive() }))
    .output(historyOutputSchema),
};
