import { z } from 'zod';
import { portRangeSchema, portSchema } from '../../src-shared/model/ports.ts';

/**
 * What Connect and the registrar say to each other over the tenant's one session channel: one JSON document a line,
 * UTF-8, in both directions **[ours]**. The server speaks first (`welcome`). The session's life is the tenant's session.
 */
export const registrarProtocolVersion = 1;
export const heartbeatSeconds = 5;
/** After so many missed heartbeats a Connect counts as silent. */
export const missedHeartbeats = 3;
/** Longest line that either side accepts, bytes. */
export const longestLine = 64 * 1024;

const shortText = z.string().min(1).max(128);

export const announcedForwardSchema = z.strictObject({
  port: portSchema,
  group: shortText,
  repository: shortText,
  /** `service[+scheme]://host:port[path]` **[doc]** */
  uri: z.string().min(1).max(2048),
});
export type AnnouncedForward = z.infer<typeof announcedForwardSchema>;

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), connectVersion: z.string().min(1).max(32) }),
  /** Replaces the announcement before it as a whole. Answered by `accepted` or `refused`. */
  z.strictObject({ type: z.literal('announce'), forwards: z.array(announcedForwardSchema).max(3000) }),
  z.strictObject({ type: z.literal('heartbeat') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

const refusalCodes = [
  'MALFORMED',
  'LINE_TOO_LONG',
  'HELLO_FIRST',
  'PORT_NOT_ALLOTTED',
  'PORT_TWICE',
  'NOT_AUTHORIZED',
] as const;

export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.literal(registrarProtocolVersion),
    clientId: z.string(),
    ports: z.array(portRangeSchema),
    heartbeatSeconds: z.number().positive(),
    applianceVersion: z.string(),
  }),
  z.object({ type: z.literal('accepted') }),
  z.object({ type: z.literal('refused'), code: z.enum(refusalCodes), message: z.string().max(512) }),
  /** The allotment changed. sshd fixes what a session may bind at log-in: for new ports Connect logs in anew. */
  z.object({ type: z.literal('ports'), ports: z.array(portRangeSchema) }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}
