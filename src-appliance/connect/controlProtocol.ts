import { z } from 'zod';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { unplacedRepositorySchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { portRangeSchema, portSchema } from '../../src-shared/model/tenants/ports.ts';
import { instantSchema } from '../../src-shared/base/time.ts';

/**
 * Protocol between `connect status|stop|reload` and a running Connect, over Connect's local socket. One
 * request per connection, one JSON document per line **[ours]**. A user who may open the socket (mode 0600)
 * may send every command.
 */
const faultSchema = z.object({ at: instantSchema, message: z.string() });

/**
 * A repository that has a port. `bound`: in the present connection, the appliance listens on that port.
 */
const forwardHealthSchema = z.object({
  port: portSchema,
  group: z.string(),
  repository: z.string(),
  uri: z.string(),
  bound: z.boolean(),
  /** Number of open connections through this forward. */
  connections: z.int().nonnegative(),
  /** The last failed connection to the repository. Not reset until Connect ends. */
  lastUpstreamError: faultSchema.nullable(),
});

/**
 * The health of a running Connect. Its states:
 *
 *   connecting ──► connected ──► waiting ──► connecting ──► …      any of them ──► stopping
 *        └──────────────────────────▲
 *
 * connected: the registrar has sent its welcome. `nextAttemptAt` is set only while waiting.
 */
export const connectHealthSchema = z.object({
  version: z.string(),
  pid: z.int().positive(),
  state: z.enum(['connecting', 'connected', 'waiting', 'stopping']),
  since: instantSchema,
  appliance: z.string(),
  /** The tenant's client ID, assigned by the appliance. Null before the first welcome. */
  clientId: clientIdSchema.nullable(),
  ports: z.array(portRangeSchema),
  forwards: z.array(forwardHealthSchema),
  unplaced: z.array(unplacedRepositorySchema),
  lastError: faultSchema.nullable(),
  nextAttemptAt: instantSchema.nullable(),
});
export type ConnectHealth = z.infer<typeof connectHealthSchema>;
export type Fault = z.infer<typeof faultSchema>;

export const controlRequestSchema = z.strictObject({ command: z.enum(['health', 'stop', 'reload']) });
export type ControlRequest = z.infer<typeof controlRequestSchema>;

/**
 * `health` and `reload` reply with Connect's health; `reload` replies when it is done. `stop` replies after
 * the connection is closed.
 */
export const controlAnswerSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('done'), health: connectHealthSchema }),
  z.object({ outcome: z.literal('failed'), message: z.string() }),
]);
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** Maximum size of an answer in bytes. Large enough if every port of an appliance has a forward. */
export const maxAnswer = 16 * 1024 * 1024;
export const maxRequestBytes = 1024;
