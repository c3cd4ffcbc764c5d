import { z } from 'zod';
import { readRepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { maxDialMessage } from '../../../src-shared/model/tunnels/dialFailures.ts';
import { hourMs } from '../../../src-shared/base/time.ts';
import { isPlainLine } from '../../../src-shared/base/machineText.ts';
import {
  countPorts,
  portCount,
  portRangeSchema,
  portSchema,
} from '../../../src-shared/model/tenants/ports.ts';

/**
 * Protocol between Connect and the registrar on the tenant's only session channel. One JSON document per
 * line, UTF-8, in both directions **[ours]**. The server sends first (`welcome`).
 */
export const registrarProtocolVersion = 1;
export const heartbeatSeconds = 5;
/** Connect counts as silent after this many missed heartbeats. */
const missedHeartbeats = 3;
export const silentAfterMs = heartbeatSeconds * missedHeartbeats * 1000;
/** Maximum length of a line in bytes, except for announcements. */
export const maxLine = 64 * 1024;
/** Maximum length of an announcement in bytes. Enough for all ports of an appliance, at 350 bytes each. */
export const maxAnnouncement = 1024 * 1024;

/**
 * Logins per second that a small appliance can handle. Each costs a key exchange and three short processes.
 * Measured with 150 tenants, two cores and OpenSSH's own MaxStartups: at most 22 waited at the same time, and
 * 19 had to retry **[ours]**.
 */
const loginsPerSecond = 5;

/**
 * The seconds over which tenants should spread their reconnects. The appliance decides it, because only it
 * knows how many tenants it has, and a restart disconnects all of them at once.
 */
export function reconnectSpreadSeconds(tenants: number): number {
  return Math.min(600, Math.max(1, Math.ceil(tenants / loginsPerSecond)));
}

/**
 * Since when a Connect is silent. Null if it isn't, and for plain OpenSSH, which sends nothing. `listening`: the
 * time in which the service could receive heartbeats, in epoch milliseconds. `until` is at most now.
 */
export function silentSince(
  lastHeartbeatAt: string | null,
  listening: { from: number; until: number },
): string | null {
  if (lastHeartbeatAt === null) return null;
  const due = Math.max(Date.parse(lastHeartbeatAt), listening.from) + silentAfterMs;
  return listening.until > due ? new Date(due).toISOString() : null;
}

/** Lists, logs and terminals show announced text, so it must not contain control or hidden characters. */
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

/** A repository of the configuration for which the tenant has no port left. */
export const announcedUnplacedSchema = announcedForwardSchema.omit({ port: true });

/** A port that a repository of the tenant has or had. */
const rememberedPortSchema = z.object({ port: portSchema, group: shortText, repository: shortText });
export type RememberedPort = z.infer<typeof rememberedPortSchema>;
/** At most one entry for each port; the least recently used port is the first **[ours]**. */
export const rememberedPortsSchema = z.array(rememberedPortSchema).max(portCount);

/** Maximum number of failures in one message, so that it stays below `maxLine`. */
export const maxReportedFailures = 50;
const reportedFailureSchema = z.strictObject({
  port: portSchema,
  /** A DialReason, or one of a later Connect. */
  reason: z.string().regex(/^[a-z-]{1,32}$/),
  /** The system's words on Connect's computer. */
  message: z.string().min(1).max(maxDialMessage).refine(isPlainLine),
  /** How long ago the connection failed. */
  agoMs: z.int().nonnegative().max(hourMs),
});

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), connectVersion: z.string().min(1).max(32).refine(isPlainLine) }),
  /** Replaces the previous announcement completely. The server replies with `accepted` or `refused`. */
  z.strictObject({
    type: z.literal('announce'),
    forwards: z.array(announcedForwardSchema).max(3000),
    unplaced: z.array(announcedUnplacedSchema).max(3000).optional(),
  }),
  z.strictObject({ type: z.literal('heartbeat') }),
  /**
   * Connections to repositories that could not be opened. Sent only to an appliance that accepts it, because
   * an older one expels a client for unknown messages. There is no reply.
   */
  z.strictObject({
    type: z.literal('dial-failures'),
    failures: z.array(reportedFailureSchema).min(1).max(maxReportedFailures),
  }),
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

/**
 * Limit the number of ports, because overlapping ranges in one line could contain hundreds of millions of
 * them.
 */
const allotmentSchema = z.array(portRangeSchema).refine((ranges) => countPorts(ranges) <= 65_535);

/**
 * Client messages that this appliance accepts besides those of the first version. Names that a client doesn't
 * know are from a later appliance.
 */
export const acceptedMessages = ['dial-failures'];
const acceptsSchema = z.array(z.string().max(64)).max(32).optional();

export const serverMessageSchema = z.discriminatedUnion('type', [
  /** The beginning of a memory that is too long for `welcome`. Sent before it. */
  z.object({ type: z.literal('remembered'), ports: rememberedPortsSchema }),
  z.object({
    type: z.literal('welcome'),
    protocol: z.literal(registrarProtocolVersion),
    clientId: z.string(),
    ports: allotmentSchema,
    /** Limited, because a timer whose delay is negative or too large fires all the time. */
    heartbeatSeconds: z.number().min(1).max(3600),
    applianceVersion: z.string(),
    /** In a cluster: open forwards on this address in addition to 127.0.0.1. */
    listenAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
    /** The time over which clients should spread their reconnects after they lost a working connection. */
    reconnectSpreadSeconds: z.number().nonnegative().max(600).optional(),
    /** The ports that the tenant's repositories have or had. Absent in older kits. */
    remembered: rememberedPortsSchema.optional(),
    accepts: acceptsSchema,
  }),
  z.object({ type: z.literal('accepted') }),
  z.object({
    type: z.literal('refused'),
    /** A RefusalCode, or a code of a later appliance. */ code: z.string().min(1).max(64),
    message: z.string().max(512),
  }),
  /**
   * The allotted ports changed. sshd fixes the permitted ports at login, so Connect must log in again to use
   * new ports.
   */
  z.object({
    type: z.literal('ports'),
    ports: allotmentSchema,
    /** Absent in an older kit, which accepts nothing more, even if the one that sent the welcome did. */
    accepts: acceptsSchema,
  }),
]);
export type ServerMessage = z.infer<typeof serverMessageSchema>;

/** The type of a message that only a later appliance knows. Null if `content` is not a message. */
export function unknownMessageType(content: unknown): string | null {
  const parsed = z.looseObject({ type: z.string().max(64) }).safeParse(content);
  if (!parsed.success) return null;
  const known = serverMessageSchema.options.some((option) => option.shape.type.value === parsed.data.type);
  return known ? null : parsed.data.type;
}

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}
