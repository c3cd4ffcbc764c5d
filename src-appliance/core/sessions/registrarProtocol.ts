import { z } from 'zod';
import { readRepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { isPlainLine } from '../../../src-shared/base/machineText.ts';
import { countPorts, portRangeSchema, portSchema } from '../../../src-shared/model/tenants/ports.ts';

/**
 * Protocol between Connect and the registrar on the tenant's only session channel: one JSON document per line, UTF-8,
 * in both directions **[ours]**. The server speaks first (`welcome`). The channel lives as long as the tenant's
 * session.
 */
export const registrarProtocolVersion = 1;
export const heartbeatSeconds = 5;
/** After this many missed heartbeats a Connect counts as silent. */
const missedHeartbeats = 3;
export const silentAfterMs = heartbeatSeconds * missedHeartbeats * 1000;
/** Longest line that either side accepts, in bytes; an announcement may be longer. */
export const maxLine = 64 * 1024;
/** Enough for as many forwards as an appliance has ports, at 350 bytes each. */
export const maxAnnouncement = 1024 * 1024;

/**
 * Logins per second that a small appliance accepts almost without a backlog. With 150 tenants, two cores and OpenSSH's
 * own MaxStartups, at most 22 were unauthenticated at once and 19 were refused, who retried **[ours]**. Each login
 * costs a key exchange and three short processes.
 */
const logInsASecond = 5;

/** A restart of the appliance disconnects all tenants at once, and only the appliance knows how many they are. */
export function reconnectSpreadSeconds(tenants: number): number {
  return Math.min(600, Math.max(1, Math.ceil(tenants / logInsASecond)));
}

/** Since when a Connect counts as silent; null if it is not, and for plain OpenSSH, which sends nothing. */
export function silentSince(lastHeartbeatAt: string | null, now: number): string | null {
  if (lastHeartbeatAt === null) return null;
  const due = Date.parse(lastHeartbeatAt) + silentAfterMs;
  return now > due ? new Date(due).toISOString() : null;
}

/** Announced text reaches lists, logs and terminals, so it must contain no control or hidden characters. */
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

/** A configured repository for which the client's allotment has no port. */
export const announcedUnplacedSchema = announcedForwardSchema.omit({ port: true });

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), connectVersion: z.string().min(1).max(32).refine(isPlainLine) }),
  /** Replaces the previous announcement completely. The answer is `accepted` or `refused`. */
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

/** Overlapping ranges could name hundreds of millions of ports in one line; this is the maximum. */
const allotmentSchema = z.array(portRangeSchema).refine((ranges) => countPorts(ranges) <= 65_535);

export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.literal(registrarProtocolVersion),
    clientId: z.string(),
    ports: allotmentSchema,
    /** Bounded, because a timer with a negative or too large delay fires all the time. */
    heartbeatSeconds: z.number().min(1).max(3600),
    applianceVersion: z.string(),
    /** In a cluster: forwards should also listen on this address, besides 127.0.0.1. */
    listenAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
    /** The period over which clients should spread their reconnects after they lost a working connection. */
    reconnectSpreadSeconds: z.number().nonnegative().max(600).optional(),
  }),
  z.object({ type: z.literal('accepted') }),
  z.object({
    type: z.literal('refused'),
    /** A RefusalCode, or one of a later appliance. */ code: z.string().min(1).max(64),
    message: z.string().max(512),
  }),
  /** The allotment changed. sshd fixes a session's permitted ports at login, so Connect logs in again for new ones. */
  z.object({ type: z.literal('ports'), ports: allotmentSchema }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/** The type of a message that a later appliance may send within this protocol; null if it is no message. */
export function unknownMessageType(content: unknown): string | null {
  const parsed = z.looseObject({ type: z.string().max(64) }).safeParse(content);
  if (!parsed.success) return null;
  const known = serverMessageSchema.options.some((option) => option.shape.type.value === parsed.data.type);
  return known ? null : parsed.data.type;
}

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}
