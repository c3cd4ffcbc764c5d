import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { publicKeySchema } from '../../../src-shared/model/licence/documents.ts';
import { isMissing } from '../state/fileErrors.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/** Larger files are not read. A key takes a few hundred bytes. */
const maxKeySetBytes = 256 * 1024;

const keySetSchema = z.object({ keys: z.array(z.unknown()).max(64) });
/** Licences are signed with EdDSA (Ed25519). As JWKS requires, keys of other kinds are ignored. */
const usableKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: publicKeySchema.shape.x,
  kid: z.string().default(''),
  retiredAt: publicKeySchema.shape.retiredAt,
});
export type AuthorityKey = z.infer<typeof usableKeySchema>;

/**
 * `none`: no licence is required **[ours]**, because the file is absent or contains a valid empty set.
 * `unusable`: there is another file without a usable key. A licence is then required.
 */
export type AuthorityKeys =
  { outcome: 'none' } | { outcome: 'keys'; keys: AuthorityKey[] } | { outcome: 'unusable'; reason: string };

/** Reads the file of the `authorityKeys` setting. Never throws. */
export async function readAuthorityKeys(path: string): Promise<AuthorityKeys> {
  const unusable = (reason: string): AuthorityKeys => ({
    outcome: 'unusable',
    reason: `the authority’s key set ${path} ${reason}`,
  });
  if (await isAbsent(path)) return { outcome: 'none' };
  const file = await readRegularFile(path);
  if ('problem' in file) return unusable(file.problem);
  const parsed = keySetSchema.safeParse(parseJson(file.text));
  if (!parsed.success) return unusable('is damaged');
  if (parsed.data.keys.length === 0) return { outcome: 'none' };
  const keys = parsed.data.keys.flatMap((key) => usableKeySchema.safeParse(key).data ?? []);
  return keys.length === 0 ? unusable('contains no usable key') : { outcome: 'keys', keys };
}

/**
 * Whether the file is really absent. A broken link or a missing folder (not mounted) doesn't count as absent.
 */
async function isAbsent(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    if (!isMissing(error)) return false;
  }
  return lstat(dirname(path)).then(
    () => true,
    () => false,
  );
}

async function readRegularFile(path: string): Promise<{ text: string } | { problem: string }> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile()) return { problem: 'is not a regular file' };
      // If other users could write the file, they could empty it, and no licence would be required.
      if (![0, process.getuid?.()].includes(status.uid) || (status.mode & 0o022) !== 0)
        return { problem: 'can be changed by other users than root' };
      if (status.size > maxKeySetBytes) return { problem: `is larger than ${maxKeySetBytes} bytes` };
      return { text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { problem: `can’t be read: ${systemErrorCode(error) ?? 'unknown'}` };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
