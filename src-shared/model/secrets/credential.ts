import { z } from 'zod';
import { lookAlikeError } from '../../base/lookAlikes.ts';
import { instantSchema } from '../../base/time.ts';
import { credentialKindNames } from './credentialKindNames.ts';

/** The secrets that a credential may have. */
export const secretParts = {
  password: { label: 'Password' },
  passphrase: { label: 'Passphrase of the key file' },
} as const satisfies Record<string, { label: string }>;
export const secretPartSchema = z.enum(['password', 'passphrase']);
export type SecretPart = z.infer<typeof secretPartSchema>;

/** The kinds of credentials, with the secrets of each. */
export const credentialKinds = {
  password: { label: 'Password', parts: ['password'] },
  passphrase: { label: 'Passphrase of a key file', parts: ['passphrase'] },
  both: { label: 'Password and passphrase', parts: ['password', 'passphrase'] },
} as const satisfies Record<string, { label: string; parts: readonly SecretPart[] }>;
export const credentialKindSchema = z.enum(credentialKindNames);
export type CredentialKind = z.infer<typeof credentialKindSchema>;

/** Whether a credential of this kind has this secret. */
export function hasPart(kind: CredentialKind, part: SecretPart): boolean {
  const { parts }: { parts: readonly SecretPart[] } = credentialKinds[kind];
  return parts.includes(part);
}

export const credentialNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/u,
    lookAlikeError('use 1 to 63 characters: a-z, 0-9, dot, dash or underscore; start with a letter or digit'),
  );

/** A secret as ssh takes it: one line, because it is typed on one. */
const secretSchema = z
  .string()
  .min(1, 'enter a secret')
  .max(1024)
  .regex(/^[^\n\r\0]*$/u, 'a secret has one line')
  // Half of a pair has no bytes in UTF-8, so another secret would be kept.
  .refine((text) => text.isWellFormed(), 'a secret is text');
/** The secrets of a credential, by what they are for. They are kept in the vault only. */
export const secretValuesSchema = z.strictObject({
  password: secretSchema.optional(),
  passphrase: secretSchema.optional(),
});
export type SecretValues = z.infer<typeof secretValuesSchema>;

/** A named credential, without its secrets. */
export const credentialSchema = z.strictObject({
  id: z.uuid(),
  name: credentialNameSchema,
  /** The only user whose password it is. Null: of any user. */
  userName: z.string().max(256).nullable(),
  kind: credentialKindSchema,
  createdAt: instantSchema,
  rotatedAt: instantSchema.nullable(),
});
export type Credential = z.infer<typeof credentialSchema>;

/** A credential with the names of the appliances that refer to it. */
export const usedCredentialSchema = credentialSchema.extend({ users: z.array(z.string()) });
export type UsedCredential = z.infer<typeof usedCredentialSchema>;
