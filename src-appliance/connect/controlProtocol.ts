import { z } from 'zod';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { unplacedSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { portRangeSchema, portSchema } from '../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../src-shared/base/time.ts';

/**
 * What `connect status|stop|reload` and a running Connect say to each other over its local socket: one request a
 * connection, one JSON document a line **[ours]**. A user who may open the socket (0600) may do all of it.
 */
const faultSchema = z.object({ at: instantSchema, message: z.string() });

/** One repository that has a port. `bound` says that the appliance listens there for this connection. */
const forwardHealthSchema = z.object({
  port: portSchema,
  group: z.string(),
  repository: z.string(),
  uri: z.string(),
  bound: z.boolean(),
  /** Open now, through this forward. */
  connections: z.int().nonnegative(),
  /** The last time that the repository did not answer; stays until Connect ends. */
  lastUpstreamError: faultSchema.nullable(),
});

/**
 *   connecting ──► connected ──► waiting ──► connecting ──► …      any of them ──► stopping
 *        └──────────────────────────▲
 *
 * connected means: the registrar welcomed us. `nextAttemptAt` is set while waiting and at no other time.
 */
export const connectHealthSchema = z.object({
  version: z.string(),
  pid: z.int().positive(),
  state: z.enum(['connecting', 'connected', 'waiting', 'stopping']),
  since: instantSchema,
  appliance: z.string(),
  /** Who the appliance says we are; null until it first did. */
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

/** `reload` and `health` answer with the health that follows; `stop` once the connection is closed. */
export const controlAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('done'), health: connectHealthSchema }),
  z.object({ outcome: z.literal('failed'), message: z.string() }),
]);
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** Holds the health of as many forwards as an appliance has ports. */
export const maxAnswer = 16 * 1024 * 1024;
export const maxRequestBytes = 1024;
