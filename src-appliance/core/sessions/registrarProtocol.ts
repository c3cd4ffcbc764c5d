import { z } from 'zod';
import { readRepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { isPlainLine } from '../../../src-shared/base/machineText.ts';
import { countPorts, portRangeSchema, portSchema } from '../../../src-shared/model/tenants/ports.ts';

/**
 * What Connect and the registrar say to each other over the tenant's one session channel: one JSON document a line,
 * UTF-8, in both directions **[ours]**. The server speaks first (`welcome`). The session's life is the tenant's session.
 */
export const registrarProtocolVersion = 1;
export const heartbeatSeconds = 5;
/** After so many missed heartbeats a Connect counts as silent. */
const missedHeartbeats = 3;
export const silentAfterMs = heartbeatSeconds * missedHeartbeats * 1000;
/** Longest line that either side accepts, bytes; an announcement may be longer. */
export const maxLine = 64 * 1024;
/** Holds as many forwards as an appliance has ports, at 350 bytes each. */
export const maxAnnouncement = 1024 * 1024;

/**
 * Log-ins a second that a small appliance takes in almost without a herd: of 150 tenants, two cores behind OpenSSH's own
 * MaxStartups held at most 22 unauthenticated at once and turned 19 away, who came again **[ours]**. Each costs a key
 * exchange and three short processes.
 */
const logInsASecond = 5;

/** An appliance that restarts loses all its tenants in one instant, and it alone knows how many they are. */
export function reconnectSpreadSeconds(tenants: number): number {
  return Math.min(600, Math.max(1, Math.ceil(tenants / logInsASecond)));
}

/** Since when a Connect counts as silent; null while it is not, and for plain OpenSSH, which says nothing. */
export function silentSince(lastHeartbeatAt: string | null, now: number): string | null {
  if (lastHeartbeatAt === null) return null;
  const due = Date.parse(lastHeartbeatAt) + silentAfterMs;
  return now > due ? new Date(due).toISOString() : null;
}

/** Announced text reaches lists, logs and terminals: nothing in it may act, hide or change direction there. */
const shortText = z.string().min(1).max(128).refine(isPlainLine);

export const announcedForwardSchema = z.strictObject({
  port: portSchema,
  group: shortText,
  repository: shortText,
  /** `service[+scheme]://host:port[path]` **[doc]** */
  uri: z
    .string()
    .max(2048)
    .refine(isPlainLine)
    .refine((text) => typeof readRepositoryUri(text) !== 'string'),
});
export type AnnouncedForward = z.infer<typeof announcedForwardSchema>;

/** A repository that the client's configuration names and that its allotment has no port for. */
export const announcedUnplacedSchema = announcedForwardSchema.omit({ port: true });

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), connectVersion: z.string().min(1).max(32).refine(isPlainLine) }),
  /** Replaces the announcement before it as a whole. Answered by `accepted` or `refused`. */
  z.strictObject({
    type: z.literal('announce'),
    forwards: z.array(announcedForwardSchema).max(3000),
    unplaced: z.array(announcedUnplacedSchema).max(3000).optional(),
  }),
  z.strictObject({ type: z.literal('heartbeat') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

export type RefusalCode =
  | 'MALFORMED'
  | 'LINE_TOO_LONG'
  | 'HELLO_FIRST'
  | 'PORT_NOT_ALLOTTED'
  | 'PORT_TWICE'
  | 'NOT_AUTHORIZED'
  | 'NOT_STORED';

/** A line of ranges that overlap could name hundreds of millions of ports; there are no more than these. */
const allotmentSchema = z.array(portRangeSchema).refine((ranges) => countPorts(ranges) <= 65_535);

export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.literal(registrarProtocolVersion),
    clientId: z.string(),
    ports: allotmentSchema,
    /** Bounded: a timer that is set to less than nothing, or to more than it can count, runs all the time. */
    heartbeatSeconds: z.number().min(1).max(3600),
    applianceVersion: z.string(),
    /** Of a cluster member: forwards are to listen on this address as well as on 127.0.0.1. */
    listenAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
    /** Over how long a client is to spread its return after it lost a working connection. */
    reconnectSpreadSeconds: z.number().nonnegative().max(600).optional(),
  }),
  z.object({ type: z.literal('accepted') }),
  z.object({
    type: z.literal('refused'),
    /** A RefusalCode, or one that a later appliance knows. */ code: z.string().min(1).max(64),
    message: z.string().max(512),
  }),
  /** The allotment changed. sshd fixes what a session may bind at log-in: for new ports Connect logs in again. */
  z.object({ type: z.literal('ports'), ports: allotmentSchema }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/** Within one protocol a later appliance may say more; null for what is no message at all. */
export function unknownMessageType(content: unknown): string | null {
  const parsed = z.looseObject({ type: z.string().max(64) }).safeParse(content);
  if (!parsed.success) return null;
  const known = serverMessageSchema.options.some((option) => option.shape.type.value === parsed.data.type);
  return known ? null : parsed.data.type;
}

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}
