import { z } from 'zod';
import { portSchema } from '../tenants/ports.ts';
import { numberSetting, switchSetting } from '../../base/settingFields.ts';
import { instantSchema, minuteMs } from '../../base/time.ts';

const text = z.string().max(512);
const milliseconds = z.number().nonnegative();

/**
 * Facts of a TLS handshake. The console doesn't judge trust, because many tenants run their own certificate
 * authority.
 */
export const tlsFactsSchema = z.object({
  protocol: text,
  subject: text,
  issuer: text,
  validFrom: instantSchema,
  validTo: instantSchema,
  selfSigned: z.boolean(),
  /** Whether the certificate is valid for the destination's host name. */
  namesHost: z.boolean(),
});
export type TlsFacts = z.infer<typeof tlsFactsSchema>;

/** Why an answer is not the expected one, as far as the answer itself says. The advice depends on it. */
export const faultCauses = [
  'old-version',
  'redirect',
  'speaks-tls',
  'speaks-no-tls',
  'wants-certificate',
  'unknown-name',
  'wants-proxy-header',
  'web-page',
  'gateway',
  'unavailable',
] as const;
export type FaultCause = (typeof faultCauses)[number];
const cause = z.enum(faultCauses).optional();

/** Result of a TCP connection to the tunnel's port on the appliance. */
export const forwardFactsSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('opened'), milliseconds }),
  /** The appliance itself refused the connection, so no process listens on the port any more. */
  z.object({ outcome: z.literal('refused'), reason: text }),
  /** sshd doesn't allow this login to open connections, so the state of the forward is unknown. */
  z.object({ outcome: z.literal('prohibited'), reason: text }),
  z.object({ outcome: z.literal('silent'), milliseconds }),
  /** Small requests passed. After one of `sentBytes`, nothing passes through the session any more. */
  z.object({
    outcome: z.literal('large-lost'),
    sentBytes: z.int(),
    /** How long the port took to open. */
    openMilliseconds: milliseconds,
    milliseconds,
  }),
]);
export type ForwardFacts = z.infer<typeof forwardFactsSchema>;

/**
 * What the service answered over the open connection. `milliseconds` is the time to the first complete
 * answer.
 */
export const serviceFactsSchema = z.discriminatedUnion('outcome', [
  /** `protocol` is e.g. `SMB 3.1.1`, `WebDAV 1, 2`, `CMIS 1.1`. */
  z.object({
    outcome: z.literal('answered'),
    protocol: text,
    milliseconds,
    tls: tlsFactsSchema.nullable(),
    /** The size of a large request that passed as well, if one was sent. */
    largeBytes: z.int().optional(),
  }),
  /** The service gave a valid answer, but requires a login for more. */
  z.object({
    outcome: z.literal('asks-log-in'),
    protocol: text,
    milliseconds,
    tls: tlsFactsSchema.nullable(),
    largeBytes: z.int().optional(),
  }),
  /**
   * The connection closed before the first byte of an answer. This happens when the site can't connect to the
   * service.
   */
  z.object({
    outcome: z.literal('closed'),
    milliseconds,
    stage: z.enum(['start', 'tls', 'protocol']),
    /** True if the service completed the TLS handshake, so the site can connect to it. */
    isAccepted: z.boolean().optional(),
  }),
  z.object({ outcome: z.literal('silent'), milliseconds, stage: z.enum(['tls', 'protocol']) }),
  /** A small request is answered, and one of `sentBytes` is not. */
  z.object({
    outcome: z.literal('large-lost'),
    sentBytes: z.int(),
    /** Until the small one was answered. */
    milliseconds,
  }),
  z.object({ outcome: z.literal('tls-failed'), reason: text, cause }),
  z.object({ outcome: z.literal('wrong-protocol'), saw: text, tls: tlsFactsSchema.nullable(), cause }),
  z.object({ outcome: z.literal('fails'), reason: text, tls: tlsFactsSchema.nullable(), cause }),
  z.object({ outcome: z.literal('path-not-found'), reason: text, tls: tlsFactsSchema.nullable() }),
  /**
   * Only TCP was tested, because plain OpenSSH doesn't announce its destinations. `closedInOrder`: the far
   * side closed after the probe did. That happens only if the connection reached the service. `endedAfterMs`: each
   * connection ends after this time, because no service can be reached, or because it ends idle connections.
   */
  z.object({
    outcome: z.literal('not-known'),
    closedInOrder: z.boolean().optional(),
    endedAfterMs: milliseconds.optional(),
  }),
]);
export type ServiceFacts = z.infer<typeof serviceFactsSchema>;

/** The facts from one probe of one tunnel. `chain.ts` evaluates them. */
export const probeResultSchema = z.object({
  at: instantSchema,
  port: portSchema,
  /**
   * The announced destination at the time of the probe. If the destination changes, the result is no longer
   * valid.
   */
  uri: z.string().max(2048).nullable(),
  /** The session through which the probe went. For a later session, the result is not valid. */
  sessionPid: z.int().nullable(),
  forward: forwardFactsSchema,
  /** Null if no connection through the tunnel could be opened. */
  service: serviceFactsSchema.nullable(),
  /**
   * When Connect had last failed to connect before this probe, by the appliance's clock. Such a report proves
   * nothing about the probe.
   */
  failedBefore: instantSchema.nullable().optional(),
});
export type ProbeResult = z.infer<typeof probeResultSchema>;

/** Settings for automatic tests of tunnels. The defaults are **[ours]**. */
export const probingSchema = z.strictObject({
  enabled: switchSetting({ label: 'Test every tunnel automatically every', default: true }),
  /** The mean interval. The tests of all tunnels are distributed over it. */
  everyMinutes: numberSetting({
    label: '',
    inputLabel: 'Minutes between tests',
    unit: 'minutes',
    min: 1,
    max: 1440,
    default: 5,
    switchedBy: 'enabled',
  }),
  atOnce: numberSetting({
    label: 'Concurrent tests per appliance',
    inputLabel: 'Concurrent tests',
    unit: 'at once',
    min: 1,
    max: 32,
    default: 8,
  }),
});
export type Probing = z.infer<typeof probingSchema>;
export const defaultProbing = probingSchema.parse({});

/**
 * How long a result is valid, in ms. Long enough that one or two missed probes don't matter **[ours]**.
 */
export function maxProbeAgeMs({ everyMinutes }: Probing): number {
  return Math.max(20, 2.5 * everyMinutes) * minuteMs;
}
