import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { readBounded, replaceFile } from '../../src-shared/node/files.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { costSchema } from './vaultKey.ts';

const fileName = 'vault.json';
const maxFileBytes = 4 * 1024 * 1024;
const version = 1;

const bytesSchema = (length: number) =>
  z.base64().refine((text) => Buffer.from(text, 'base64').length === length, `not ${length} bytes`);

/** How the key is found again. `check` tells a wrong passphrase from a damaged file. */
const vaultKeySchema = z.discriminatedUnion('protection', [
  z.strictObject({
    protection: z.literal('passphrase'),
    salt: bytesSchema(32),
    cost: costSchema,
    check: bytesSchema(16),
  }),
  z.strictObject({
    protection: z.literal('key-store'),
    wrapped: z.base64().max(4096),
    check: bytesSchema(16),
  }),
]);
export type VaultKeyFacts = z.infer<typeof vaultKeySchema>;

const formatSchema = z.looseObject({ format: z.literal('sallyport-vault'), version: z.int().positive() });
const vaultFileSchema = z.strictObject({
  ...formatSchema.shape,
  key: vaultKeySchema,
  nonce: bytesSchema(12),
  sealed: z.base64().max(maxFileBytes),
  /** Of all other fields, so that accidental damage is found before a key is derived. */
  sum: bytesSchema(32),
});
type VaultFile = Omit<z.infer<typeof vaultFileSchema>, 'sum'>;
export type SealedVault = Pick<VaultFile, 'key' | 'nonce' | 'sealed'>;

const sumOf = ({ format, version, key, nonce, sealed }: VaultFile) =>
  createHash('sha256')
    .update(JSON.stringify([format, version, key, nonce, sealed]))
    .digest('base64');

/** What the cipher authenticates besides the secrets: everything that says how the key is found. */
export const headerOf = (key: VaultKeyFacts): Buffer =>
  Buffer.from(JSON.stringify(['sallyport-vault', version, key]));

export function createDamagedError(reason: string, cause?: unknown): AppError {
  return new AppError(
    'VAULT_DAMAGED',
    `The vault can’t be read: ${reason}. It was not changed. Restore ${fileName} from a backup.`,
    { cause },
  );
}

function parseVault(content: Buffer): SealedVault {
  let raw: unknown;
  try {
    raw = JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw createDamagedError('it is not JSON', cause);
  }
  const format = formatSchema.safeParse(raw).data;
  if (format !== undefined && format.version > version)
    throw new AppError(
      'STORE_FROM_FUTURE',
      `The vault was written by a newer Sallyport (format ${format.version}; this one knows ${version}). Update this one.`,
      { detail: { found: format.version, newest: version } },
    );
  const file = vaultFileSchema.safeParse(raw).data;
  if (file === undefined) throw createDamagedError('a field is missing or out of bounds');
  if (sumOf(file) !== file.sum) throw createDamagedError('its checksum does not match');
  return file;
}

/** In brackets: ELOOP for a link, EACCES without the right to read. */
function reasonOf(cause: unknown): string {
  const code = systemErrorCode(cause);
  return code === null ? '' : ` (${code})`;
}

/** A write that was interrupted leaves its new file, which an earlier passphrase may open. */
function removeInterrupted(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(`${fileName}.`) && /\.[0-9a-f-]{36}\.new$/u.test(name)) rmSync(join(folder, name));
}

/** The vault file of a data folder. It holds no secret in clear, and only this user may read it. */
export function createVaultFile(folder: string) {
  const path = join(folder, fileName);
  return {
    /** Null if there is no vault. Throws VAULT_DAMAGED, STORE_FROM_FUTURE or STORE_FAILED. */
    read: (): SealedVault | null => {
      let file: ReturnType<typeof readBounded>;
      try {
        file = readBounded(path, { maxBytes: maxFileBytes, isLinkFollowed: false });
      } catch (cause) {
        if (systemErrorCode(cause) === 'ENOENT') return null;
        throw new AppError('STORE_FAILED', `The vault ${path} can’t be read${reasonOf(cause)}.`, { cause });
      }
      if (file === 'not-a-file') throw createDamagedError(`${path} is not a file`);
      if (file === 'too-large') throw createDamagedError(`${path} is larger than a vault can be`);
      return parseVault(file.content);
    },
    /**
     * Replaces the file as a whole, durably. Only one program may write at a time. Throws STORE_FAILED, or
     * INVALID_INPUT for more than can be read again; the old file then stays.
     */
    write: (vault: SealedVault): void => {
      const file = { format: 'sallyport-vault' as const, version, ...vault };
      const data = `${JSON.stringify({ ...file, sum: sumOf(file) })}\n`;
      if (data.length > maxFileBytes)
        throw new AppError(
          'INVALID_INPUT',
          'The vault is full: its file can have 4 MB. Nothing was changed. Remove credentials first.',
        );
      try {
        removeInterrupted(folder);
        replaceFile({ path, data, mode: 0o600, isDurable: true });
      } catch (cause) {
        throw new AppError('STORE_FAILED', `The vault ${path} can’t be written. It was not changed.`, {
          cause,
        });
      }
    },
  };
}
