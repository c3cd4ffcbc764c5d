import { z } from 'zod';
import { errorDataSchema } from '../../errors.ts';
import { hostKeySchema } from './hostKey.ts';
import { instantSchema } from '../../base/time.ts';

/** What both sides of a link agreed on. `weak`: what only the setting for legacy algorithms permits, of any hop. */
const linkAlgorithmsSchema = z.object({
  kex: z.string(),
  hostKey: z.string(),
  cipher: z.string(),
  mac: z.string(),
  weak: z.array(z.string()),
});
export type LinkAlgorithms = z.infer<typeof linkAlgorithmsSchema>;

/**
 * The life of the one SSH session to an appliance.
 *
 *            want                 handshake done
 *   idle ──────────► connecting ───────────────► connected
 *    ▲                │  ▲  │ │                     │
 *    │ release        │  │  │ └► waiting-host-key ──┤ (yes: connecting; no: stopped)
 *    │                │  │  └──► waiting-secret ────┤ (answer: connecting; none: stopped)
 *    │                ▼  │ delay over               │ lost
 *    ├──────────── retrying ◄───────────────────────┘
 *    │                │
 *    └── stopped ◄────┘ host key changed, refused log-in: only a person goes on from here
 *
 * Exactly one state holds at a time; `since` is when it began, on the console's clock.
 */
export const linkStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('idle'), since: instantSchema }),
  z.object({
    state: z.literal('connecting'),
    since: instantSchema,
    hop: z.string(),
    /** What ended the link or the attempt before this one: until it is up again, that is what is wrong. */
    after: errorDataSchema.optional(),
  }),
  z.object({
    state: z.literal('connected'),
    since: instantSchema,
    /** Round trip of the last keep-alive, milliseconds; null until the first came back. */
    latencyMs: z.number().nullable(),
    /** When the appliance last answered anything at all. */
    lastHeardAt: instantSchema,
    serverSoftware: z.string().max(256),
    algorithms: linkAlgorithmsSchema,
  }),
  z.object({
    state: z.literal('waiting-host-key'),
    since: instantSchema,
    hop: z.string(),
    offered: hostKeySchema,
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

/** One step of the log-in to one hop: what was tried, what was skipped, and why it ended as it did. Never a secret. */
export const authenticationStepSchema = z.object({
  hop: z.string(),
  method: z.enum(['agent', 'key-file', 'password', 'keyboard-interactive', 'none']),
  outcome: z.enum(['accepted', 'refused', 'skipped']),
  /** E.g. `ED25519 SHA256:… from ~/.ssh/id_ed25519`, `sk keys are not supported by this driver`. */
  detail: z.string().max(512),
  at: instantSchema,
});
export type AuthenticationStep = z.infer<typeof authenticationStepSchema>;

/** A question that only the person in front can answer; the link waits for it. */
export const secretPromptSchema = z.object({
  id: z.uuid(),
  applianceId: z.uuid(),
  hop: z.string(),
  kind: z.enum(['key-passphrase', 'password', 'keyboard-interactive', 'sudo-password']),
  title: z.string().max(512),
  /** One entry a field, in order; `echo` says whether the answer may be shown while typed. */
  fields: z
    .array(z.object({ label: z.string().max(512), echo: z.boolean() }))
    .min(1)
    .max(16),
  askedAt: instantSchema,
});
export type SecretPrompt = z.infer<typeof secretPromptSchema>;
