import { z } from 'zod';
import { connectModeSchema } from '../model/appliance/connectModes.ts';
import { linkSettingsSchema } from '../model/appliance/linkSettings.ts';
import {
  applianceEntrySchema,
  applianceFieldNames,
  applianceFieldSchema,
  applianceInputSchema,
  pinnedHostKeySchema,
  sshTargetSchema,
} from '../model/appliance/applianceEntry.ts';
import { fingerprintSchema, hostKeySchema } from '../model/appliance/hostKey.ts';
import { authenticationStepSchema, linkStateSchema, secretPromptSchema } from '../model/appliance/link.ts';
import { knownHostsAnswerSchema } from '../model/appliance/knownHostsAnswer.ts';
import { maxPublicKey } from '../model/tenants/publicKey.ts';
import { errorDataSchema } from '../errors.ts';
import {
  importPreviewSchema,
  importSourceSchema,
  maxImportedAppliances,
} from '../model/appliance/importRow.ts';
import { nothing, procedure } from './procedure.ts';

/** A fingerprint (`SHA256:…`, `MD5:…`) or a public key line that the operator got from elsewhere. */
const expectedTextSchema = z.string().max(maxPublicKey).nullable().default(null);

/**
 * The fields that an edit changes. The other fields keep their stored values, even if they have changed since
 * the form was opened.
 */
const changesSchema = z.array(applianceFieldSchema).default([...applianceFieldNames]);

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
    .input(z.strictObject({ id: z.uuid(), appliance: applianceInputSchema, changes: changesSchema }))
    .output(z.object({ appliance: applianceEntrySchema })),

  /** Sets when the console connects to each of these. Rejects with NOT_FOUND, and then changes none. */
  setConnect: procedure('admin')
    .input(
      z.strictObject({
        ids: z.array(z.uuid()).min(1).max(maxImportedAppliances),
        connect: connectModeSchema,
      }),
    )
    .output(nothing),

  /**
   * Locks or unlocks an appliance. A locked appliance rejects changes of its tenants with APPLIANCE_LOCKED.
   */
  setLock: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), locked: z.boolean() }))
    .output(z.object({ appliance: applianceEntrySchema })),

  /** Shows what an import would add and change. Rejects with INVALID_INPUT if ~/.ssh/config can't be read. */
  importPreview: procedure('admin')
    .input(z.strictObject({ source: importSourceSchema }))
    .output(importPreviewSchema),

  /**
   * Adds the rows without an `id` and edits the others, in order. A row that fails doesn't stop the import.
   * Pins no host key.
   */
  import: procedure('admin')
    .input(
      z.strictObject({
        rows: z
          .array(
            z.strictObject({
              id: z.uuid().nullable(),
              appliance: applianceInputSchema,
              changes: changesSchema,
            }),
          )
          .min(1)
          .max(maxImportedAppliances),
      }),
    )
    .output(
      z.object({ results: z.array(z.object({ name: z.string(), error: errorDataSchema.nullable() })) }),
    ),

  /**
   * Closes the session and deletes the entry and its last values. The audit trail stays. The caller must pass
   * the appliance's name as confirmation.
   */
  remove: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), name: z.string() }))
    .output(nothing),

  /** The limits of links, how many links there are, and how many appliances wait for one. */
  linkLimits: procedure('viewer')
    .input(nothing)
    .output(z.object({ limits: linkSettingsSchema, taken: z.int(), waiting: z.int() })),
  setLinkLimits: procedure('admin')
    .input(z.strictObject({ limits: linkSettingsSchema }))
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
        /** Whether the offered key is the expected key. Null if the caller passed no expected key. */
        expected: z.enum(['match', 'mismatch']).nullable(),
      }),
    ),

  connect: procedure('operator').input(byId).output(nothing),

  /** Ends the session until a user connects again. */
  disconnect: procedure('operator').input(byId).output(nothing),

  /**
   * Opens a terminal on the console's computer and starts ssh to the appliance there, with ssh's own known
   * hosts and login. Rejects with TERMINAL_UNAVAILABLE if `canOpenTerminal` of `system.about` is false, and
   * with TERMINAL_FAILED.
   */
  openTerminal: procedure('operator').input(byId).output(nothing),

  /**
   * Accepts the key that the state `waiting-host-key` shows. Rejects any other key, and a key that differs
   * from `expected`.
   */
  acceptHostKey: procedure('admin')
    .input(z.strictObject({ id: z.uuid(), fingerprint: fingerprintSchema, expected: expectedTextSchema }))
    .output(nothing),

  /**
   * Replaces the pinned key of an appliance whose host key changed. Rejects if `oldFingerprint` isn't the
   * pinned key.
   */
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

  /**
   * Answers a prompt. Answers are kept in memory only, until the console stops or the appliance is
   * disconnected.
   */
  answerPrompt: procedure('operator')
    .input(z.strictObject({ promptId: z.uuid(), answers: z.array(z.string().max(4096)).min(1).max(16) }))
    .output(nothing),

  dismissPrompt: procedure('operator')
    .input(z.strictObject({ promptId: z.uuid() }))
    .output(nothing),
};
