import { z } from 'zod';
import { limitSetting } from '../../base/settingFields.ts';
import { instantSchema } from '../../base/time.ts';

/** What protects the vault's key: a passphrase, or the key store of the operating system. */
export const protectionSchema = z.enum(['passphrase', 'key-store']);
export type Protection = z.infer<typeof protectionSchema>;
export const protections = {
  passphrase: { label: 'Passphrase' },
  'key-store': { label: 'Key store of the operating system' },
} as const satisfies Record<Protection, { label: string }>;

export const vaultConditionSchema = z.enum(['absent', 'locked', 'unlocked', 'unreadable']);
export type VaultCondition = z.infer<typeof vaultConditionSchema>;
const encrypted = 'In vault.json in the data folder, encrypted with AES-256-GCM';
/** `kept`: where secrets of named credentials are. */
export const vaultConditions = {
  absent: { label: 'No vault yet', tone: 'off', kept: 'Nowhere: there is no vault' },
  locked: { label: 'Locked', tone: 'warn', kept: `${encrypted}, locked now` },
  unlocked: { label: 'Unlocked', tone: 'ok', kept: `${encrypted}; its key is in memory now` },
  unreadable: { label: 'Can’t be read', tone: 'bad', kept: 'In vault.json, which can’t be read now' },
} as const satisfies Record<
  VaultCondition,
  { label: string; tone: 'ok' | 'warn' | 'bad' | 'off'; kept: string }
>;

export const minPassphrase = 12;
/** The passphrase of a new vault. The same text has the same bytes on every computer. */
export const newPassphraseSchema = z
  .string()
  .min(minPassphrase, `use at least ${minPassphrase} characters`)
  .max(1024);

/** The vault, and the key store that could protect a new one. */
export const vaultStateSchema = z.object({
  condition: vaultConditionSchema,
  protection: protectionSchema.nullable(),
  /** Why the vault can't be read, and what to do. Null if it can be read, or if no vault exists. */
  problem: z.string().nullable(),
  /** When the vault locks unless the operator does something. Null: it is not unlocked, or never locks by time. */
  locksAt: instantSchema.nullable(),
  /** How many sign-ins wait until the vault is unlocked. */
  waiting: z.int().nonnegative(),
  /** Why the key store of the operating system can't be used. Null if it can. */
  keyStoreProblem: z.string().nullable(),
});
export type VaultState = z.infer<typeof vaultStateSchema>;

/** The countdown is visible in this time before the vault locks. */
export const lockCountdownSeconds = 60;

export const secretSettingsSchema = z.strictObject({
  lockMinutes: limitSetting({
    label: 'Lock the vault after',
    inputLabel: 'Minutes without input',
    unit: 'minutes without input',
    min: 1,
    max: 1440,
    default: 15,
  }),
});
export type SecretSettings = z.infer<typeof secretSettingsSchema>;
