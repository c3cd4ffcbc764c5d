import { z } from 'zod';
import { isPlainLine } from '../../../base/machineText.ts';
import { readReceiverAddress, type ReceiverAddress } from '../../../base/receiverAddress.ts';

type KindFacts = {
  label: string;
  /** Schemes of the address, the one with TLS first. Without TLS, only this computer can be the destination. */
  schemes: readonly [secure: string, plain: string];
  defaultPort: number;
  /** Where lines are sent if the address has no path; null if the protocol has no paths. */
  path: string | null;
  /** Whether the receiver confirms what it took. */
  isConfirmed: boolean;
  /** What a user must know about lines that can be lost or doubled. */
  guarantee: string;
};

/** Where kept lines can be forwarded to. */
export const destinationKinds = {
  syslog: {
    label: 'Syslog over TLS (RFC 5425)',
    schemes: ['tls', 'tcp'],
    defaultPort: 6514,
    path: null,
    isConfirmed: false,
    guarantee:
      'The protocol confirms nothing: lines that were sent just before a connection broke can be lost. Use relp if the receiver has it.',
  },
  relp: {
    label: 'RELP',
    schemes: ['relp+tls', 'relp'],
    defaultPort: 2514,
    path: null,
    isConfirmed: true,
    guarantee: 'The receiver confirms each line. After a broken connection some lines can arrive twice.',
  },
  otlp: {
    label: 'OpenTelemetry (OTLP/HTTP, JSON)',
    schemes: ['https', 'http'],
    defaultPort: 4318,
    path: '/v1/logs',
    isConfirmed: true,
    guarantee:
      'The receiver confirms each batch. After a broken connection some lines can arrive twice, with the same log.record.uid.',
  },
  loki: {
    label: 'Grafana Loki',
    schemes: ['https', 'http'],
    defaultPort: 3100,
    path: '/loki/api/v1/push',
    isConfirmed: true,
    guarantee: 'The receiver confirms each batch. Loki itself removes lines that arrive twice.',
  },
} as const satisfies Record<string, KindFacts>;
export const destinationKindNames = [
  'syslog',
  'relp',
  'otlp',
  'loki',
] as const satisfies readonly DestinationKind[];
export type DestinationKind = keyof typeof destinationKinds;

const file = z.string().min(1).max(4096).nullable();
const plainText = z.string().max(256).refine(isPlainLine, 'must be one line without invisible characters');

/** A destination. Secrets stay in the named files, and are read when they are needed. */
export const destinationSchema = z.strictObject({
  id: z.uuid(),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/u, 'use 1 to 63 characters: a-z, 0-9, dot, dash or underscore'),
  kind: z.enum(destinationKindNames),
  address: z.string().min(1).max(2048),
  /** Certificates of authorities to trust instead of those of this computer. */
  caFile: file,
  /** This computer's own certificate and key, if the receiver asks for them. */
  certificateFile: file,
  keyFile: file,
  /** A bearer token, for otlp and loki. */
  tokenFile: file,
  /** Loki's tenant (X-Scope-OrgID). */
  lokiTenant: plainText.nullable(),
  /** Null for all appliances. */
  applianceIds: z.array(z.uuid()).max(1000).nullable(),
});
export type Destination = z.infer<typeof destinationSchema>;

/** Reads an address such as `logs.example.com`, `tls://logs.example.com:6514` or `https://loki.example.com`. */
export function readDestinationAddress(kind: DestinationKind, address: string): ReceiverAddress {
  const { schemes, defaultPort: port, path } = destinationKinds[kind];
  const [secure, plain] = schemes;
  return readReceiverAddress(
    {
      schemes: {
        [secure]: { isSecure: true, port },
        [plain]: { isSecure: false, port, isForThisComputerOnly: true },
      },
      path,
    },
    address,
  );
}
