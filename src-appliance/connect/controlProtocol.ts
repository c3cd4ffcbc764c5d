import { z } from 'zod';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { unplacedSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { portRangeSchema, portSchema } from '../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../src-shared/base/time.ts';

/**
 * Protocol between `connect status|stop|reload` and a running Connect on its local socket: one request per connection,
 * one JSON document per line **[ours]**. Any user who may open the socket (0600) may send every command.
 */
const faultSchema = z.object({ at: instantSchema, message: z.string() });

/** One repository that has a port. `bound`: the appliance listens on it for this connection. */
const forwardHealthSchema = z.object({
  port: portSchema,
  group: z.string(),
  repository: z.string(),
  uri: z.string(),
  bound: z.boolean(),
  /** Number of open connections through this forward. */
  connections: z.int().nonnegative(),
  /** The last time the repository did not answer; kept until Connect ends. */
  lastUpstreamError: faultSchema.nullable(),
});

/**
 *   connecting ──► connected ──► waiting ──► connecting ──► …      any of them ──► stopping
 *        └──────────────────────────▲
 *
 * connected: the registrar welcomed us. `nextAttemptAt` is set only while waiting.
 */
export const connectHealthSchema = z.object({
  version: z.string(),
  pid: z.int().positive(),
  state: z.enum(['connecting', 'connected', 'waiting', 'stopping']),
  since: instantSchema,
  appliance: z.string(),
  /** The client ID that the appliance assigned to us; null before the first welcome. */
  clientId: clientIdSchema.nullable(),
  ports: z.array(portRangeSchema),
  forwards: z.array(forwardHealthSchema),
  unplaced: z.array(unplacedSchema),
  lastError: faultSchema.nullable(),
  nextAttemptAt: instantSchema.nullable(),
});
export type ConnectHealth = z.infer<typeof connectHealthSchema>;
export type Fault = z.infer<typeof faultSchema>;

export const controlRequestSchema = z.strictObject({ command: z.enum(['health', 'stop', 'reload']) });
export type ControlRequest = z.infer<typeof controlRequestSchema>;

/** The answer to `reload` and `health` is the health afterwards; `stop` answers once the connection is closed. */
export const controlAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('done'), health: connectHealthSchema }),
  z.object({ outcome: z.literal('failed'), message: z.string() }),
]);
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** Enough for the health of as many forwards as an appliance has ports. */
export const maxAnswer = 16 * 1024 * 1024;
export const maxRequestBytes = 1024;
