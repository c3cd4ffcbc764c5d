import { z } from 'zod';
import { layerSchema } from '../model/tunnels/tunnelLayer.ts';
import { tunnelCodeSchema } from '../model/tunnels/tunnelCodes.ts';
import { tunnelSchema } from '../model/tunnels/chain.ts';
import { toneSchema } from '../model/tunnels/tone.ts';
import { clientIdSchema } from '../model/tenants/clientId.ts';
import { licenceStateSchema } from '../model/licence/licence.ts';
import { portSchema } from '../model/tenants/ports.ts';
import { portRowSchema } from '../model/tunnels/portRow.ts';
import { refusedForwardSchema } from '../model/tunnels/refusedForward.ts';
import { probeResultSchema, probingSchema } from '../model/tunnels/probe.ts';
import { trafficSchema } from '../model/tunnels/traffic.ts';
import { instantSchema } from '../base/time.ts';
import { capacityRunsSchema } from '../model/tenants/capacityCells.ts';
import { nothing, procedure } from './procedure.ts';
import { tenantViewSchema } from './tenants.ts';

export type PortRow = z.infer<typeof portRowSchema>;

export const capacitySchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  ports: z.int(),
  allotted: z.int(),
  listening: z.int(),
  /** Number of ports that are allotted to suspended tenants. */
  idle: z.int(),
  tenants: z.int(),
  /**
   * Number of ports in the largest free block. A tenant needs contiguous ports, so not every free port can be
   * used.
   */
  largestFreeBlock: z.int(),
  /** For each quota, the number of further tenants that fit. */
  room: z.array(z.object({ quota: z.int(), tenants: z.int() })),
  cells: capacityRunsSchema,
  /**
   * When the ports run out if growth stays as in the last 90 days. Null if they don't run out, or if unknown.
   */
  runsOutAt: instantSchema.nullable(),
  /** Ports per month. Null until there are two weeks of data. */
  growthPerMonth: z.number().nullable(),
  /**
   * When the licence forbids more tenants: its expiry plus the grace period. Null if no licence is known.
   */
  licenceEndsAt: instantSchema.nullable(),
  licenceState: licenceStateSchema.nullable(),
});
export type Capacity = z.infer<typeof capacitySchema>;

/**
 * The states of a tunnel, oldest first. The state is `unknown` for times when no console watched the tunnel.
 */
export const tunnelHistorySchema = z.object({
  from: instantSchema,
  to: instantSchema,
  spans: z.array(
    z.object({ from: instantSchema, to: instantSchema, tone: toneSchema, code: tunnelCodeSchema.nullable() }),
  ),
  /**
   * How long the state was known and the tunnel neither suspended nor unused. Availability is `upMs /
   * watchedMs`.
   */
  watchedMs: z.int().nonnegative(),
  upMs: z.int().nonnegative(),
  /**
   * Slowest answer of each 15 minutes. For data older than two days: slowest and median answer of each hour.
   */
  latency: z.array(
    z.object({ at: instantSchema, milliseconds: z.number(), medianMs: z.number().optional() }),
  ),
  drops: z.array(z.object({ at: instantSchema, code: tunnelCodeSchema, reason: z.string() })),
});
export type TunnelHistory = z.infer<typeof tunnelHistorySchema>;

/**
 * Availability of one tunnel within a period, on all members of a cluster together. With `port` null,
 * availability of the tenant’s session.
 */
export const tunnelAvailabilitySchema = z.object({
  applianceId: z.uuid(),
  applianceName: z.string(),
  clientId: z.string(),
  port: z.int().nullable(),
  watchedMs: z.int().nonnegative(),
  upMs: z.int().nonnegative(),
  /** Oldest first. `end` is null if the console did not see the end; the tunnel was down at least until `seenUntil`. */
  outages: z.array(
    z.object({
      start: instantSchema,
      end: instantSchema.nullable(),
      seenUntil: instantSchema,
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
  /** The first layer that is not `ok`. Null if all layers are. */
  layer: layerSchema.nullable(),
  meaning: z.string(),
  /** The side that must act. */
  side: z.enum(['none', 'appliance', 'tenant', 'network', 'operator']),
  ask: z.string().nullable(),
  next: z.string(),
  /** Text for the customer, without internal details. */
  forCustomer: z.string(),
  /** The forward that sshd refused in the present session. Null if none, or if the log can't be read. */
  refusedForward: refusedForwardSchema.nullable(),
  /** Matching lines of the appliance's log, oldest first, unchanged. */
  lines: z.array(z.object({ time: instantSchema.nullable(), text: z.string() })),
  /** Time of the oldest log line that was searched. */
  linesFrom: instantSchema.nullable(),
  /** Why the log could not be read. Null if it was read. */
  linesError: z.string().nullable(),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

export const portsContract = {
  /**
   * Tunnels of one appliance or of all. A tenant of a cluster is listed once. Sorted by appliance, tenant,
   * port.
   */
  list: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ rows: z.array(portRowSchema) })),

  capacity: procedure('viewer')
    .input(z.strictObject({ applianceId: z.uuid().nullable() }))
    .output(z.object({ appliances: z.array(capacitySchema) })),

  /** All details of one tunnel and its tenant. Rejects with NOT_FOUND. */
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

  /** Runs `ss` on the appliance once. Rejects with NOT_FOUND, COMMAND_MISSING or COMMAND_FAILED. */
  traffic: procedure('viewer')
    .input(place.omit({ port: true }))
    .output(z.object({ traffic: trafficSchema })),

  /**
   * History of a tunnel: the last day, or the last 30 days rounded to whole hours. Rejects with NOT_FOUND.
   */
  history: procedure('viewer')
    .input(place.extend({ days: z.union([z.literal(1), z.literal(30)]) }))
    .output(z.object({ history: tunnelHistorySchema })),

  /**
   * Availability of every tunnel that existed in the period. Rejects with NOT_FOUND, and with INVALID_INPUT
   * if the period is empty.
   */
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

  /** Diagnoses a tunnel and reads the appliance's log for matching lines. */
  diagnose: procedure('viewer')
    .input(place)
    .output(z.object({ diagnosis: diagnosisSchema })),

  /**
   * Probes one tunnel, all tunnels of a tenant, or all of an appliance. Resolves when all are done. `probed`
   * is their number, `ok` the number of those without a fault. `isLarge` sends large packets as well, which can
   * stall a tenant's session.
   */
  probe: procedure('operator')
    .input(
      z.strictObject({
        applianceId: z.uuid(),
        clientId: clientIdSchema.nullable(),
        port: portSchema.nullable(),
        isLarge: z.boolean().optional(),
      }),
    )
    .output(z.object({ probed: z.int(), ok: z.int(), milliseconds: z.number() })),

  probing: procedure('viewer')
    .input(nothing)
    .output(z.object({ probing: probingSchema })),
  setProbing: procedure('admin')
    .input(z.strictObject({ probing: probingSchema }))
    .output(nothing),
};
