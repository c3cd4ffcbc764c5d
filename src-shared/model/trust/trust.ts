import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { hostKeySchema } from '../appliance/hostKey.ts';
import { protections, vaultConditions, type VaultState } from '../secrets/vault.ts';
import { postQuantumSchema } from './linkSecurity.ts';

/** Where the secrets of the console are kept. One row for each kind. */
export function describeSecretPlaces({
  condition,
  protection,
}: Pick<VaultState, 'condition' | 'protection'>): { what: string; kept: string }[] {
  const key = protection === null ? '' : ` Its key is protected by: ${protections[protection].label}.`;
  return [
    { what: 'Secrets of named credentials', kept: `${vaultConditions[condition].kept}.${key}` },
    {
      what: 'Passwords, passphrases and answers that you type',
      kept: 'Nowhere. In memory until the link is released.',
    },
    {
      what: 'Private keys of logins',
      kept: 'In your key files or your SSH agent. The console stores the path only.',
    },
    {
      what: 'Secrets and tokens of notification targets and log destinations',
      kept: 'In files that you name. The console stores the path only.',
    },
  ];
}

/** How the open connections were found out. */
export const connectionSources = {
  system: {
    label: 'Seen from the operating system',
    text: 'All sockets of this process, from /proc. Other processes of the desktop, such as its window, and programs that this one starts are not included.',
  },
  program: {
    label: 'This program’s own account',
    text: 'This system shows a program no list of its sockets. These are the SSH connections that the program knows of; nothing else was seen.',
  },
} as const;

const hopTrustSchema = z.object({
  /** `user@host:port` */
  hop: z.string(),
  isJumpHost: z.boolean(),
  /** Null if no key is accepted yet. `how` is the audited action that accepted it; null if no record was found. */
  key: hostKeySchema
    .pick({ type: true, fingerprint: true })
    .extend({ acceptedAt: instantSchema, acceptedBy: z.string(), how: z.string().nullable() })
    .nullable(),
});

const linkTrustSchema = z.object({
  serverSoftware: z.string(),
  kex: z.string(),
  hostKey: z.string(),
  cipher: z.string(),
  mac: z.string(),
  weak: z.array(z.string()),
  /** The post-quantum key exchanges that the appliance offered. Null if its offer was not seen. */
  offeredPostQuantum: z.array(z.string()).nullable(),
  postQuantum: postQuantumSchema,
  tone: z.enum(['ok', 'warn']),
  judgement: z.string(),
});

const openConnectionSchema = z.object({
  protocol: z.enum(['tcp', 'udp']),
  /** `address:port`, or null if it is not known. */
  local: z.string().nullable(),
  /** Null for a socket that listens. */
  remote: z.string().nullable(),
  state: z.enum(['listening', 'established', 'other']),
  /** The appliance whose link it is, or null if it belongs to none. */
  applianceName: z.string().nullable(),
});
export type OpenConnection = z.infer<typeof openConnectionSchema>;

export const outboundKinds = {
  ssh: { label: 'SSH to an appliance', when: 'while it is watched, or a command needs it' },
  notifications: { label: 'Notifications', when: 'while sallyport watch runs' },
  logs: { label: 'Kept log lines', when: 'while sallyport syslog forward run runs' },
  authority: {
    label: 'Licence authority, for an appliance',
    when: 'while an operator keeps a connected window open',
  },
} as const;
const outboundKindSchema = z.enum(['ssh', 'notifications', 'logs', 'authority']);

/** What a security officer asks about this program. What was not seen is null. */
export const trustSchema = z.object({
  seenAt: instantSchema,
  program: z.object({
    version: z.string(),
    commit: z.string().nullable(),
    committedAt: instantSchema.nullable(),
    /** Whether files differed from the commit. Null if there is no commit. */
    modified: z.boolean().nullable(),
    /** SHA-256 of the bill of materials. Null if the program was not built. */
    billSha256: z.string().nullable(),
  }),
  appliances: z.array(
    z.object({
      name: z.string(),
      hops: z.array(hopTrustSchema),
      /** Null while there is no link. */
      link: linkTrustSchema.nullable(),
    }),
  ),
  secrets: z.array(z.object({ what: z.string(), kept: z.string() })),
  /** Null on a host that has none. */
  fuses: z.array(z.object({ name: z.string(), isOn: z.boolean(), text: z.string() })).nullable(),
  connections: z.object({ source: z.enum(['system', 'program']), list: z.array(openConnectionSchema) }),
  outbound: z.array(z.object({ kind: outboundKindSchema, name: z.string(), to: z.string() })),
  /** Whether the policy of this computer allows connected windows. */
  connectedWindow: z.enum(['allowed', 'forbidden']),
});
export type Trust = z.infer<typeof trustSchema>;
