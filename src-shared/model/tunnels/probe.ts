import { z } from 'zod';
import { portSchema } from '../tenants/ports.ts';
import { numberSetting, switchSetting } from '../../base/settingFields.ts';
import { instantSchema, minuteMs } from '../../base/time.ts';

const text = z.string().max(512);
const milliseconds = z.number().nonnegative();

/** Facts of a TLS handshake. They don't affect trust, because many tenants run their own certificate authority. */
export const tlsFactsSchema = z.object({
  protocol: text,
  subject: text,
  issuer: text,
  validFrom: instantSchema,
  validTo: instantSchema,
  selfSigned: z.boolean(),
  /** Whether the certificate names the host of the destination. */
  namesHost: z.boolean(),
});
export type TlsFacts = z.infer<typeof tlsFactsSchema>;

/** Result of a TCP connection to the tunnel's port on the appliance. */
export const forwardFactsSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('opened'), milliseconds }),
  /** The appliance's own TCP stack refused it, so no process listens any more. */
  z.object({ outcome: z.literal('refused'), reason: text }),
  /** The appliance's sshd does not let this login open connections, so the state is unknown. */
  z.object({ outcome: z.literal('prohibited'), reason: text }),
  z.object({ outcome: z.literal('silent'), milliseconds }),
]);
export type ForwardFacts = z.infer<typeof forwardFactsSchema>;

/** The service's answer once TCP was open. `milliseconds` counts from opening to the first complete answer. */
export const serviceFactsSchema = z.discriminatedUnion('outcome', [
  /** `protocol` e.g. `SMB 3.1.1`, `WebDAV 1, 2`, `CMIS 1.1`. */
  z.object({
    outcome: z.literal('answered'),
    protocol: text,
    milliseconds,
    tls: tlsFactsSchema.nullable(),
  }),
  /** A valid answer of the protocol. Seeing more would need a login. */
  z.object({
    outcome: z.literal('asks-log-in'),
    protocol: text,
    milliseconds,
    tls: tlsFactsSchema.nullable(),
  }),
  /** Closed before the first byte. This is how a refused upstream looks through a forward. */
  z.object({ outcome: z.literal('closed'), milliseconds, stage: z.enum(['start', 'tls', 'protocol']) }),
  z.object({ outcome: z.literal('silent'), milliseconds, stage: z.enum(['tls', 'protocol']) }),
  z.object({ outcome: z.literal('tls-failed'), reason: text }),
  z.object({ outcome: z.literal('wrong-protocol'), saw: text, tls: tlsFactsSchema.nullable() }),
  z.object({ outcome: z.literal('fails'), reason: text, tls: tlsFactsSchema.nullable() }),
  z.object({ outcome: z.literal('path-not-found'), reason: text, tls: tlsFactsSchema.nullable() }),
  /**
   * Plain OpenSSH does not announce its destinations, so only TCP was tested. `closedInOrder`: the far side closed
   * after we did, which happens only if the connection reached the service.
   */
  z.object({ outcome: z.literal('not-known'), closedInOrder: z.boolean().optional() }),
]);
export type ServiceFacts = z.infer<typeof serviceFactsSchema>;

/** One probe of one tunnel. It contains facts only; `chain.ts` evaluates them. */
export const probeResultSchema = z.object({
  at: instantSchema,
  port: portSchema,
  /** The announced destination at the time of the probe. If it changed, the result no longer counts. */
  uri: z.string().max(2048).nullable(),
  /** The session that carried the probe. A later session was not tested. */
  sessionPid: z.int().nullable(),
  forward: forwardFactsSchema,
  /** Null if the forward did not open. */
  service: serviceFactsSchema.nullable(),
});
export type ProbeResult = z.infer<typeof probeResultSchema>;

/** How the console tests tunnels automatically. The defaults are **[ours]**. */
export const probingSchema = z.strictObject({
  enabled: switchSetting({ label: 'Test every tunnel automatically every', default: true }),
  /** The mean interval; the tests of all tunnels are spread over it. */
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

/** How long a result counts, in ms: long enough to miss a probe or two **[ours]**. */
export function probeGoodForMs({ everyMinutes }: Probing): number {
  return Math.max(20, 2.5 * everyMinutes) * minuteMs;
}
