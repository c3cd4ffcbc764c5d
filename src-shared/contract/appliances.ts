import { z } from 'zod';
import {
  applianceEntrySchema,
  applianceInputSchema,
  pinnedHostKeySchema,
  sshTargetSchema,
} from '../model/appliance/applianceEntry.ts';
import { fingerprintSchema, hostKeySchema } from '../model/appliance/hostKey.ts';
import { authenticationStepSchema, linkStateSchema, secretPromptSchema } from '../model/appliance/link.ts';
import { knownHostsAnswerSchema } from '../model/appliance/knownHosts.ts';
import { maxPublicKey } from '../model/tenants/publicKey.ts';
import { errorDataSchema } from '../errors.ts';
import { importPreviewSchema, importSourceSchema, maxImported } from '../model/appliance/importRow.ts';
import { nothing, procedure } from './procedure.ts';

/** A fingerprint (`SHA256:…`, `MD5:…`) or a public key line that the operator got from elsewhere. */
const expectedTextSchema = z.string().max(maxPublicKey).nullable().default(null);

const byId = z.strictObject({ id: z.uuid() });

/** The inventory of appliances and the connection to each. */
export const appliancesContract = {
  list: procedure('viewer')
    .input(nothing)
    .output(z.object({ appliances: z.array(applianceEntrySchema) })),

  /** Rejects with ALREADY_EXISTS if the name is taken. `hostKey` pins the target's key at once. */
  add: procedure('admin')
    .input(z.strictObject({ appliance: applianceInputSchema, hostKey: hostKeySchema.nullable() }))
    .output(z.object({ appliance: applianceEntrySchema })),

  /** A changed address or user ends the session; the next session verifies the host key again. */
  edit: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), appliance: applianceInputSchema }))
    .output(z.object({ appliance: applianceEntrySchema })),

  /** While locked, changes of its tenants are refused with APPLIANCE_LOCKED. */
  setLock: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), locked: z.boolean() }))
    .output(z.object({ appliance: applianceEntrySchema })),

  /** Shows what an import would add and change. Rejects with INVALID_INPUT if ~/.ssh/config can't be read. */
  importPreview: procedure('admin')
    .input(z.strictObject({ source: importSourceSchema }))
    .output(importPreviewSchema),

  /**
   * Adds the rows without an `id` and edits the others, in order. Continues after a row that fails. Pins no host key.
   */
  import: procedure('admin')
    .input(
      z.strictObject({
        rows: z
          .array(z.strictObject({ id: z.uuid().nullable(), appliance: applianceInputSchema }))
          .min(1)
          .max(maxImported),
      }),
    )
    .output(
      z.object({ results: z.array(z.object({ name: z.string(), error: errorDataSchema.nullable() })) }),
    ),

  /** Closes the session, deletes the entry and its last values, keeps the audit trail. `name` must be typed again. */
  remove: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), name: z.string() }))
    .output(nothing),

  /** Connects up to the key exchange and returns what the server offers. Logs in to jump hosts only. */
  scanHostKey: procedure('operator')
    .input(
      z.strictObject({
        target: sshTargetSchema,
        jumps: z.array(sshTargetSchema).max(8),
        legacyAlgorithms: z.boolean().default(false),
        expected: expectedTextSchema,
      }),
    )
    .output(
      z.object({
        offered: hostKeySchema,
        pinned: pinnedHostKeySchema.nullable(),
        knownHosts: knownHostsAnswerSchema,
        /** Null if no key was expected. */
        expected: z.enum(['match', 'mismatch']).nullable(),
      }),
    ),

  connect: procedure('operator').input(byId).output(nothing),

  /** Ends the session until a user connects again. */
  disconnect: procedure('operator').input(byId).output(nothing),

  /**
   * Starts ssh to the appliance in the terminal program of the console's computer, with ssh's own known hosts and login.
   * Rejects with TERMINAL_UNAVAILABLE unless `system.about` has `canOpenTerminal`, and with TERMINAL_FAILED.
   */
  openTerminal: procedure('operator').input(byId).output(nothing),

  /** Accepts the key of the state `waiting-host-key`, if it is also the expected one. Rejects any other key. */
  acceptHostKey: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), fingerprint: fingerprintSchema, expected: expectedTextSchema }))
    .output(nothing),

  /** Replaces the pinned key after a change. `oldFingerprint` must be that of the pinned key. */
  replaceHostKey: procedure('admin')
    .input(
      z.strictObject({ id: z.uuid(), oldFingerprint: fingerprintSchema, newFingerprint: fingerprintSchema }),
    )
    .output(nothing),

  /** Everything known about the connection: state, pinned keys of all hops, steps of the login. */
  explain: procedure('viewer')
    .input(byId)
    .output(
      z.object({
        link: linkStateSchema,
        hostKeys: z.array(pinnedHostKeySchema),
        steps: z.array(authenticationStepSchema),
      }),
    ),

  prompts: procedure('operator')
    .input(nothing)
    .output(z.object({ prompts: z.array(secretPromptSchema) })),

  /** Answers stay in memory only, until the console stops or the appliance is disconnected. */
  answerPrompt: procedure('operator')
    .input(z.strictObject({ promptId: z.uuid(), answers: z.array(z.string().max(4096)).min(1).max(16) }))
    .output(nothing),

  dismissPrompt: procedure('operator')
    .input(z.strictObject({ promptId: z.uuid() }))
    .output(nothing),
};
