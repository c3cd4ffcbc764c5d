import { z } from 'zod';
import { errorCodeSchema } from '../../errorCodes.ts';
import { instantSchema } from '../../base/time.ts';
import { shownValuesSchema } from '../configuration/shownValues.ts';
import { documentSchema, publicKeySchema } from './documents.ts';
import { checkResultSchema } from './licenceChecks.ts';
import { clockProblemSchema } from './clockProblems.ts';
import { importOutputSchema } from './licenceCommands.ts';
import { licenceShowOutputSchema } from './licence.ts';
import { licenceRequestSchema } from './licenceRequest.ts';
import { tripStepSchema } from './tripSteps.ts';

/** How a document travels. */
export const tripWaySchema = z.enum(['file', 'text', 'qr', 'sheet']);
export type TripWay = z.infer<typeof tripWaySchema>;

const nameSchema = z.string().max(256);
const doneSchema = z.object({ at: instantSchema, by: nameSchema });

/**
 * One renewal, as the console stores it and as its trip file holds it **[ours]**. It has no
 * private key, no password and no unmasked secret of the configuration, so that it can be continued on another computer; applying needs access to the appliance.
 */
export const tripSchema = z.object({
  format: z.literal(1),
  id: z.uuid(),
  /** The appliance's own identity, not the id of the console's entry. */
  applianceId: z.uuid(),
  applianceName: nameSchema,
  openedAt: instantSchema,
  openedBy: nameSchema,
  /** The signed request and what the appliance said with it. */
  request: documentSchema,
  authorityKeys: z.array(publicKeySchema).max(64),
  highestSequence: z.int().positive().nullable(),
  /** The licence that was installed when the trip began. */
  installed: licenceShowOutputSchema,
  /** The values of the configuration then, secrets masked by the appliance. Null if they were not read. */
  configuration: shownValuesSchema.nullable().default(null),
  carried: doneSchema.extend({ way: tripWaySchema }).nullable(),
  answer: doneSchema.extend({ way: tripWaySchema, text: documentSchema }).nullable(),
  /** The losses that the operator acknowledged, by `tripLoss.id`. */
  acknowledged: z.array(doneSchema.extend({ loss: z.string().max(128) })).max(512),
  dryRun: doneSchema.extend({ output: importOutputSchema }).nullable(),
  /**
   * Set before the answer is sent and cleared when the result is known. While it is set, it is not known whether the answer
   * was applied; `settle` asks the appliance.
   */
  applying: doneSchema.nullable().default(null),
  /** Why the last attempt to apply the answer did not end with this licence installed. */
  failure: doneSchema
    .extend({
      /** `different`: the licence read back differs, and it could not be rolled back. */
      outcome: z.enum(['not-applied', 'rolled-back', 'different', 'unknown']),
      code: errorCodeSchema,
      message: z.string().max(2048),
    })
    .nullable()
    .default(null),
  applied: doneSchema.extend({ receipt: documentSchema }).nullable(),
  receiptCarried: doneSchema.extend({ way: tripWaySchema }).nullable(),
  ended: doneSchema.extend({ how: z.enum(['done', 'cancelled', 'void']) }).nullable(),
});
export type Trip = z.infer<typeof tripSchema>;

/** More than two licences with all connectors and settings can differ in: no change may be left out unseen **[ours]**. */
export const maxLicenceChanges = 1024;

/** A difference between the installed licence and the answer, in plain words. */
export const licenceChangeSchema = z.object({
  /** Stable, e.g. `connector:cq5` or `accounts`; the same change has the same id. */
  id: z.string().max(128),
  field: z.string().max(128),
  before: z.string().max(4200),
  after: z.string().max(4200),
  /** E.g. `+365 d`. */
  difference: z.string().max(128),
  effect: z.enum(['gain', 'loss', 'same', 'neutral']),
});
export type LicenceChange = z.infer<typeof licenceChangeSchema>;

/** Tunnels that a loss stops, as the console last saw them. */
const touchedTunnelSchema = z.object({
  clientId: z.string().max(64),
  port: z.int(),
  target: z.string().max(512),
  state: z.string().max(128),
});
export const tripLossSchema = licenceChangeSchema.extend({
  sentence: z.string().max(512),
  tunnels: z.array(touchedTunnelSchema).max(3000),
  acknowledged: doneSchema.nullable(),
});
export type TripLoss = z.infer<typeof tripLossSchema>;

/** A trip with everything that the console derives from it. */
export const tripViewSchema = z.object({
  trip: tripSchema,
  /** E.g. `quay-01-0007`: name of the appliance and number of the request. */
  name: nameSchema,
  /** The id of the console's entry, null if this computer does not know the appliance. */
  entryId: z.uuid().nullable(),
  /** The step to do next. `receipt` stays until the trip has ended. */
  step: tripStepSchema,
  requestPayload: licenceRequestSchema,
  /** The appliance's clock minus this computer's when the request was made, in milliseconds. */
  clockDifferenceMs: z.number(),
  /** What was wrong with the appliance's clock then. */
  clockProblems: z.array(clockProblemSchema).max(8),
  /** Empty until an answer was read. */
  checks: z.array(checkResultSchema).max(32),
  changes: z.array(licenceChangeSchema).max(maxLicenceChanges),
  losses: z.array(tripLossSchema).max(512),
});
export type TripView = z.infer<typeof tripViewSchema>;

export const tripSummarySchema = z.object({
  id: z.uuid(),
  name: nameSchema,
  entryId: z.uuid().nullable(),
  applianceName: nameSchema,
  step: tripStepSchema,
  openedAt: instantSchema,
  ended: tripSchema.shape.ended,
});
export type TripSummary = z.infer<typeof tripSummarySchema>;
