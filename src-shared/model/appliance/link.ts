import { z } from 'zod';
import { errorDataSchema } from '../../errors.ts';
import { hostKeySchema } from './hostKey.ts';
import { knownHostsAnswerSchema } from './knownHostsAnswer.ts';
import { instantSchema } from '../../base/time.ts';

/**
 * The negotiated algorithms. `weak` lists those of all hops that are allowed only by the setting for legacy
 * algorithms.
 */
const linkAlgorithmsSchema = z.object({
  kex: z.string(),
  hostKey: z.string(),
  cipher: z.string(),
  mac: z.string(),
  weak: z.array(z.string()),
  /** The post-quantum key exchanges that the appliance offered. Missing if its offer was not seen. */
  serverPostQuantum: z.array(z.string().max(64)).max(16).optional(),
});
export type LinkAlgorithms = z.infer<typeof linkAlgorithmsSchema>;

/** What was found out about the server of a link, and only limits what the console can do. */
const serverNotesSchema = z.object({
  /** How many sessions its sshd allows per connection (MaxSessions), if that is less than the console uses. */
  maxSessions: z.int().positive().nullable(),
  /** What a start-up file of the login shell prints in front of the output of each command, shortened. */
  startupText: z.string().max(512).nullable(),
});
export type ServerNotes = z.infer<typeof serverNotesSchema>;

export const idleReasonNames = ['on-demand', 'queued'] as const;

/** Why an appliance is not connected without being disconnected by the user: the state in few words, and a sentence. */
export const idleReasons = {
  'on-demand': { word: 'idle', text: 'idle; it connects on demand' },
  queued: { word: 'waiting for a free link', text: 'waiting for a free link of this console' },
} as const satisfies Record<(typeof idleReasonNames)[number], { word: string; text: string }>;

/**
 * The states of the SSH session to an appliance.
 *
 *            want                 handshake done
 *   idle ──────────► connecting ───────────────► connected
 *    ▲                │  ▲  │ │                     │
 *    │ release        │  │  │ └► waiting-host-key ──┤ (accepted: connecting; else: stopped)
 *    │                │  │  └──► waiting-secret ────┤ (answer: connecting; none: stopped)
 *    │                ▼  │ delay over               │ lost
 *    ├──────────── retrying ◄───────────────────────┘
 *    │                │
 *    └── stopped ◄────┘ host key changed, refused login: only the user can continue
 *
 * `since` is the start of the current state, on the console's clock.
 */
export const linkStateSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('idle'),
    since: instantSchema,
    /** Why it is not connected, unless the user disconnected it. */
    reason: z.enum(idleReasonNames).optional(),
  }),
  z.object({
    state: z.literal('connecting'),
    since: instantSchema,
    hop: z.string(),
    /** Waits until the console has made other connections, so nothing was sent to the appliance yet. */
    isQueued: z.literal(true).optional(),
    /** The error that ended the previous connection or attempt. It is shown until the connection is up again. */
    after: errorDataSchema.optional(),
  }),
  z.object({
    state: z.literal('connected'),
    since: instantSchema,
    /** Round trip of the last keep-alive in milliseconds. Null before the first reply. */
    latencyMs: z.number().nullable(),
    /** Time of the last answer of any kind. */
    lastHeardAt: instantSchema,
    serverSoftware: z.string().max(256),
    algorithms: linkAlgorithmsSchema,
    /** This computer's port of the TCP connection to the first hop. */
    localPort: z.int().optional(),
    notes: serverNotesSchema.optional(),
  }),
  z.object({
    state: z.literal('waiting-host-key'),
    since: instantSchema,
    hop: z.string(),
    offered: hostKeySchema,
    /**
     * Whether the operator's known_hosts files contain the key. Shown as a hint; the key is not pinned.
     */
    knownHosts: knownHostsAnswerSchema.optional(),
  }),
  z.object({ state: z.literal('waiting-secret'), since: instantSchema, hop: z.string() }),
  z.object({
    state: z.literal('retrying'),
    since: instantSchema,
    attempt: z.int().positive(),
    nextAttemptAt: instantSchema,
    error: errorDataSchema,
  }),
  z.object({ state: z.literal('stopped'), since: instantSchema, error: errorDataSchema }),
]);
export type LinkState = z.infer<typeof linkStateSchema>;

/**
 * A step of the login to a hop: the method, and why it was skipped or failed. It contains no secrets. A
 * `message` is a text of the server, such as its banner.
 */
export const authenticationStepSchema = z.object({
  hop: z.string(),
  method: z.enum(['agent', 'key-file', 'password', 'keyboard-interactive', 'none', 'message']),
  outcome: z.enum(['accepted', 'refused', 'skipped', 'received']),
  /** E.g. `ED25519 SHA256:… from ~/.ssh/id_ed25519`, `sk keys are not supported by this driver`. */
  detail: z.string().max(512),
  at: instantSchema,
});
export type AuthenticationStep = z.infer<typeof authenticationStepSchema>;

/** A question for the user. The connection waits for the answer. */
export const secretPromptSchema = z.object({
  id: z.uuid(),
  applianceId: z.uuid(),
  hop: z.string(),
  kind: z.enum(['key-passphrase', 'password', 'keyboard-interactive', 'sudo-password']),
  title: z.string().max(512),
  /** One entry per field, in order. `echo`: show the answer while the user types it. */
  fields: z
    .array(z.object({ label: z.string().max(512), echo: z.boolean() }))
    .min(1)
    .max(16),
  askedAt: instantSchema,
});
export type SecretPrompt = z.infer<typeof secretPromptSchema>;
