import { z } from 'zod';
import { connectModeSchema } from './connectModes.ts';
import { fingerprintSchema } from './hostKey.ts';
import { findKeyPathFault } from './keyPath.ts';
import { colourSchema, tagsSchema } from './tags.ts';
import { credentialNameSchema } from '../secrets/credential.ts';
import { portSchema } from '../tenants/ports.ts';
import { lookAlikeError, withLookAlike } from '../../base/lookAlikes.ts';
import { isPlainLine } from '../../base/machineText.ts';
import { instantSchema } from '../../base/time.ts';

/** A name that users read and that links contain. */
export const applianceNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    lookAlikeError('use 1 to 63 characters: a-z, 0-9, dot, dash or underscore; start with a letter or digit'),
  );

/** Host name or address. No spaces and no leading dash, so that programs can't read it as an option. */
export const hostSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9_[:][A-Za-z0-9._:%\]-]*$/, lookAlikeError('not a valid host name or address'));

const userFault =
  'ssh refuses user names that contain quotes, commas or any of `;&<>|(){}, start with a dash or a space, have a dash behind a space, or end with a backslash or a space';

/**
 * A user name as ssh takes it **[doc]**: no leading dash, no sign with a meaning for a shell, no backslash at the
 * end; no comma, which separates jump hosts. It may contain `@`, a backslash, spaces, or signs of a bastion such
 * as `:` and `#`.
 */
export const userSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^-\s'"`,;&<>|(){}][^'"`,;&<>|(){}]*$/u, lookAlikeError(userFault))
  .regex(/[^\\\s]$/u, userFault)
  .refine((user) => isPlainLine(user) && !/\s-/u.test(user), lookAlikeError(userFault));

/**
 * Allowed login methods, tried in this order: agent, key file, password, keyboard-interactive. For the last
 * two, the user is asked. No secret is stored here.
 */
export const authenticationSchema = z.strictObject({
  agent: z.boolean(),
  keyFile: z.string().min(1).max(4096).nullable(),
  password: z.boolean(),
  keyboardInteractive: z.boolean(),
  /** The name of the credential that answers for the user. Its secrets are in the vault, not here. */
  credential: credentialNameSchema.optional(),
});
export type Authentication = z.infer<typeof authenticationSchema>;

export const sshTargetSchema = z.strictObject({
  host: hostSchema,
  port: portSchema,
  user: userSchema,
  authentication: authenticationSchema,
});
export type SshTarget = z.infer<typeof sshTargetSchema>;

/**
 * How to run privileged commands **[ours]**: without sudo, with `sudo -n`, or with `sudo -S` and the password
 * on stdin.
 */
export const sudoSchema = z.enum(['none', 'nopasswd', 'password']);
export type Sudo = z.infer<typeof sudoSchema>;

/** `jumps` are connected in order. Each jump host has its own host key. */
const applianceFieldsSchema = z.strictObject({
  name: applianceNameSchema,
  target: sshTargetSchema,
  jumps: z.array(sshTargetSchema).max(8),
  sudo: sudoSchema,
  /**
   * Allows SHA-1, and RSA host keys of at least 1024 bits, for the appliance and its jump hosts **[ours]**.
   */
  legacyAlgorithms: z.boolean().default(false),
  group: z.string().trim().max(64),
  /**
   * Appliances with the same name here form a cluster that shares tenants behind a load balancer **[doc]**.
   * Empty for none.
   */
  cluster: z.string().trim().max(64).default(''),
  description: z.string().max(512),
  tags: tagsSchema.default([]),
  connect: connectModeSchema.default('always'),
  colour: colourSchema.default('none'),
});
export const applianceFieldNames = applianceFieldsSchema.keyof().options;
/**
 * The fields of an appliance that a user enters. Texts have one line without invisible characters; entries of
 * earlier versions may differ, so they are shown as visible text.
 */
export const applianceInputSchema = applianceFieldsSchema.superRefine((input, context) => {
  const { target, jumps } = input;
  for (const field of ['group', 'cluster', 'description'] as const)
    if (!isPlainLine(input[field]))
      context.addIssue({
        code: 'custom',
        path: [field],
        message: withLookAlike('one line without invisible characters', input[field]),
      });
  const check = ({ authentication }: SshTarget, path: (string | number)[]) => {
    const fault = authentication.keyFile === null ? null : findKeyPathFault(authentication.keyFile);
    if (fault === null) return;
    context.addIssue({
      code: 'custom',
      path: [...path, 'authentication', 'keyFile'],
      message: `the key file can’t be used: ${fault}`,
    });
  };
  check(target, ['target']);
  for (const [index, jump] of jumps.entries()) check(jump, ['jumps', index]);
});
export type ApplianceInput = z.infer<typeof applianceInputSchema>;
export const applianceFieldSchema = z.enum(applianceFieldNames);
export type ApplianceField = z.infer<typeof applianceFieldSchema>;

/** The fields in which two appliances differ. */
export function changedFields(before: ApplianceInput, after: ApplianceInput): ApplianceField[] {
  return applianceFieldNames.filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
}

/** `before` with only these fields of `input`, so that an edit keeps what others changed since it began. */
export function mergeFields<T extends ApplianceInput>(
  before: T,
  input: ApplianceInput,
  fields: readonly ApplianceField[],
): T {
  return { ...before, ...Object.fromEntries(fields.map((field) => [field, input[field]])) };
}

export const applianceEntrySchema = applianceFieldsSchema.extend({
  id: z.uuid(),
  createdAt: instantSchema,
  /** A locked appliance rejects changes with APPLIANCE_LOCKED. It can still be read **[ours]**. */
  locked: z.boolean().default(false),
});
export type ApplianceEntry = z.infer<typeof applianceEntrySchema>;

/** The entry itself, followed by the others of `entries` in its cluster. An empty cluster has no others. */
export function listClusterMembers(
  entry: ApplianceEntry,
  entries: readonly ApplianceEntry[],
): [ApplianceEntry, ...ApplianceEntry[]] {
  if (entry.cluster === '') return [entry];
  return [entry, ...entries.filter(({ id, cluster }) => cluster === entry.cluster && id !== entry.id)];
}

/** A pinned host key of one `host:port`, of an appliance or a jump host. */
export const pinnedHostKeySchema = z.object({
  host: hostSchema,
  port: portSchema,
  type: z.string().max(64),
  fingerprint: fingerprintSchema,
  pinnedAt: instantSchema,
  pinnedBy: z.string().max(128),
});
export type PinnedHostKey = z.infer<typeof pinnedHostKeySchema>;
