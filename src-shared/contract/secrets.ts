import { z } from 'zod';
import {
  credentialKindSchema,
  credentialNameSchema,
  secretValuesSchema,
  usedCredentialSchema,
} from '../model/secrets/credential.ts';
import { newPassphraseSchema, secretSettingsSchema, vaultStateSchema } from '../model/secrets/vault.ts';
import { nothing, procedure } from './procedure.ts';

const passphraseSchema = z.string().max(1024);
const state = z.object({ vault: vaultStateSchema });

/** The vault and the named credentials in it. No procedure returns a secret. */
export const secretsContract = {
  vault: procedure('viewer').input(nothing).output(state),

  /** Null: the key store of the operating system protects it. Rejects with ALREADY_EXISTS or KEY_STORE_UNAVAILABLE. */
  create: procedure('admin')
    .input(z.strictObject({ passphrase: newPassphraseSchema.nullable() }))
    .output(state),

  /** Rejects with VAULT_WRONG_PASSPHRASE, VAULT_DAMAGED, NOT_FOUND or KEY_STORE_UNAVAILABLE. */
  unlock: procedure('operator')
    .input(z.strictObject({ passphrase: passphraseSchema.nullable() }))
    .output(state),

  lock: procedure('operator').input(nothing).output(state),

  /** The operator did something, so that the time until the vault locks begins again. */
  touch: procedure('operator').input(nothing).output(state),

  /** Ends the sign-ins that wait until the vault is unlocked, with VAULT_LOCKED. */
  dismissUnlock: procedure('operator').input(nothing).output(nothing),

  /** Rejects with VAULT_WRONG_PASSPHRASE if `before` is not the passphrase. */
  changePassphrase: procedure('admin')
    .input(z.strictObject({ before: passphraseSchema, after: newPassphraseSchema }))
    .output(nothing),

  credentials: procedure('viewer')
    .input(nothing)
    .output(z.object({ credentials: z.array(usedCredentialSchema) })),

  /** Rejects with ALREADY_EXISTS or VAULT_LOCKED. */
  addCredential: procedure('admin')
    .input(
      z.strictObject({
        name: credentialNameSchema,
        userName: z.string().max(256).nullable(),
        kind: credentialKindSchema,
        values: secretValuesSchema,
      }),
    )
    .output(nothing),

  /** Replaces the secrets that `values` has. Rejects with NOT_FOUND or VAULT_LOCKED. */
  rotateCredential: procedure('admin')
    .input(z.strictObject({ name: z.string(), values: secretValuesSchema }))
    .output(nothing),

  /** Rejects with CREDENTIAL_IN_USE, NOT_FOUND or VAULT_LOCKED. */
  removeCredential: procedure('admin')
    .input(z.strictObject({ name: z.string() }))
    .output(nothing),

  settings: procedure('viewer')
    .input(nothing)
    .output(z.object({ settings: secretSettingsSchema })),
  setSettings: procedure('admin')
    .input(z.strictObject({ settings: secretSettingsSchema }))
    .output(nothing),
};
