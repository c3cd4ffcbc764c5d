import { z } from 'zod';
import { layerSchema } from '../model/tunnels/tunnelLayer.ts';
import { tunnelCodeSchema } from '../model/tunnels/tunnelCodes.ts';
import { tunnelSchema } from '../model/tunnels/chain.ts';
import { clientIdSchema } from '../model/tenants/clientId.ts';
import { licenceStateSchema } from '../model/licence/licence.ts';
import { portSchema } from '../model/tenants/ports.ts';
import { portRowSchema } from '../model/tunnels/portRow.ts';
import { probeResultSchema, probingSchema } from '../model/tunnels/probe.ts';
import { instantSchema } from '../base/time.ts';
import { nothing, procedure } from './procedure.ts';
import { tenantViewSchema } from './tenants.ts';

const toneSchema = tunnelSchema.shape.tone;

export type PortRow = z.infer<typeof portRowSchema>;

export const capacitySchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  ports: z.int(),
  allotted: z.int(),
  listening: z.int(),
  /** Allotted to tenants that are suspended. */
  idle: z.int(),
  tenants: z.int(),
  /** Blocks are contiguous, so not every free port can be used. */
  largestFreeBlock: z.int(),
  /** How many more tenants fit, by quota. */
  room: z.array(z.object({ quota: z.int(), tenants: z.int() })),
  /** Share of each cell of 20 ports, as `applianceView.capacity`. */
  cells: z.array(z.object({ allotted: z.number(), listening: z.number(), bad: z.boolean() })),
  /** When the ports run out if allotments go on growing as in the last 90 days; null where they do not, or it is not known. */
  runsOutAt: instantSchema.nullable(),
  /** Null as long as there are less than two weeks to tell it from. */
  growthPerMonth: z.number().nullable(),
  /** When the licence forbids to add more: its expiry with grace; null where none is known. */
  licenceEndsAt: instantSchema.nullable(),
  licenceState: licenceStateSchema.nullable(),
});
export type Capacity = z.infer<typeof capacitySchema>;

/** How a tunnel was, oldest first. Time that no console watched is `unknown`. */
export const tunnelHistorySchema = z.object({
  from: instantSchema,
  to: instantSchema,
  spans: z.array(
    z.object({ from: instantSchema, to: instantSchema, tone: toneSchema, code: tunnelCodeSchema.nullable() }),
  ),
  /** Time with a known state that was neither suspended nor unused: the base of the availability. */
  watchedMs: z.int().nonnegative(),
  upMs: z.int().nonnegative(),
  /** The slowest answer of each quarter of an hour; before the last two days of each hour, with its median. */
  latency: z.array(
    z.object({ at: instantSchema, milliseconds: z.number(), medianMs: z.number().optional() }),
  ),
  drops: z.array(z.object({ at: instantSchema, code: tunnelCodeSchema, reason: z.string() })),
});
export type TunnelHistory = z.infer<typeof tunnelHistorySchema>;

/** Availability of one tunnel within a period. `port` null is the tenant itself: whether its session was up. */
export const tunnelAvailabilitySchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  clientId: z.string(),
  port: z.int().nullable(),
  watchedMs: z.int().nonnegative(),
  upMs: z.int().nonnegative(),
  /** Oldest first. `end` is null if the end was not seen. */
  outages: z.array(
    z.object({
      start: instantSchema,
      end: instantSchema.nullable(),
      code: tunnelCodeSchema,
      reason: z.string(),
    }),
  ),
});
export type TunnelAvailability = z.infer<typeof tunnelAvailabilitySchema>;

const place = z.strictObject({
  applianceId: z.uuid(),
  clientId: clientIdSchema,
  port: portSchema.nullable(),
});

export const diagnosisSchema = z.object({
  /** The first layer that is not well; null where all are. */
  layer: layerSchema.nullable(),
  meaning: z.string(),
  /** Whose fault it is, and so whom to ask. */
  side: z.enum(['none', 'appliance', 'tenant', 'network', 'operator']),
  ask: z.string().nullable(),
  next: z.string(),
  /** Text without anything internal. */
  forCustomer: z.string(),
  /** Log lines that agree with it, oldest first, as they stand in the appliance's log. */
  lines: z.array(z.object({ time: instantSchema.nullable(), text: z.string() })),
  /** How far back the log was read. */
  linesFrom: instantSchema.nullable(),
  /** Why the log could not be read. */
  linesError: z.string().nullable(),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

export const portsContract = {
  /** Every tunnel of one appliance, or of all with each tenant of a cluster once; sorted by appliance, tenant, port. */
  list: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ rows: z.array(portRowSchema) })),

  capacity: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ appliances: z.array(capacitySchema) })),

  /** Everything about one tunnel and its tenant. Rejects with NOT_FOUND. */
  detail: procedure('viewer')
    .input(place)
    .output(
      z.object({
        view: tenantViewSchema,
        tunnel: tunnelSchema,
        probe: probeResultSchema.nullable(),
        history: tunnelHistorySchema,
      }),
    ),

  /** One tunnel over the last day, or the last 30 days with spans in whole hours. Rejects with NOT_FOUND. */
  history: procedure('viewer')
    .input(place.extend({ days: z.union([z.literal(1), z.literal(30)]) }))
    .output(z.object({ history: tunnelHistorySchema })),

  /** Every tunnel that was known in the period. Rejects with NOT_FOUND, and with INVALID_INPUT if the period is empty. */
  availability: procedure('viewer')
    .input(
      z.strictObject({
        applianceId: z.uuid().nullable(),
        clientId: clientIdSchema.nullable(),
        from: instantSchema,
        to: instantSchema,
      }),
    )
    .output(z.object({ tunnels: z.array(tunnelAvailabilitySchema) })),

  /** Reads the appliance's log for what proves the verdict. */
  diagnose: procedure('viewer')
    .input(place)
    .output(z.object({ diagnosis: diagnosisSchema })),

  /** Probes now: one tunnel, one tenant's, or all of the appliance. Resolves when all are done, with how many. */
  probe: procedure('operator')
    .input(
      z.strictObject({
        applianceId: z.uuid(),
        clientId: clientIdSchema.nullable(),
        port: portSchema.nullable(),
      }),
    )
    .output(z.object({ probed: z.int(), well: z.int(), milliseconds: z.number() })),

  probing: procedure('viewer')
    .input(nothing)
    .output(z.object({ probing: probingSchema })),
  setProbing: procedure('admin')
    .input(z.strictObject({ probing: probingSchema }))
    .output(nothing),
};
