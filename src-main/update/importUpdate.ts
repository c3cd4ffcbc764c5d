import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src-shared/errors.ts';
import type { PublicKey } from '../../src-shared/model/licence/documents.ts';
import { isNewerVersion } from '../../src-shared/model/licence/isNewerVersion.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { readUpdateFile, type SignedUpdate } from './readUpdateFile.ts';

/** The computer and program that an update is for. */
export type UpdateBasis = { version: string; platform: NodeJS.Platform; arch: string };

/** Why an update does not fit here; empty if it does. Each is a sentence. */
export function findMisfits({ manifest }: SignedUpdate, basis: UpdateBasis): string[] {
  const misfits: string[] = [];
  if (manifest.platform !== basis.platform || manifest.arch !== basis.arch)
    misfits.push(
      `It is for ${manifest.platform} on ${manifest.arch}; this computer is ${basis.platform} on ${basis.arch}.`,
    );
  if (!isNewerVersion(manifest.version, basis.version))
    misfits.push(`Version ${manifest.version} is not newer than this one, ${basis.version}.`);
  return misfits;
}

/** What a file system without hard links answers, such as FAT of a USB stick. */
const noLinkCodes: ReadonlySet<string | number | null> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
]);

/** Gives a finished file its name. Never replaces a file. Rejects with the file system's error. */
export async function nameFile(from: string, to: string, makeLink = link): Promise<void> {
  try {
    // Unlike a rename, a link never replaces a file.
    await makeLink(from, to);
  } catch (thrown) {
    if (!noLinkCodes.has(systemErrorCode(thrown))) throw thrown;
    const reserved = await open(to, 'wx', 0o600);
    await reserved.close();
    try {
      await rename(from, to);
    } catch (failed) {
      // Otherwise the empty file would stand for the package.
      await rm(to, { force: true });
      throw failed;
    }
  }
}

/**
 * Writes the package of an update file into `folder`, under its signed name. It appears there only if everything was verified.
 * Throws like `readUpdateFile`, CONFLICT if it does not fit (unless `acceptsMisfits`), ALREADY_EXISTS, or STORE_FAILED.
 */
export async function importUpdate(
  path: string,
  options: { keys: readonly PublicKey[]; folder: string; basis: UpdateBasis; acceptsMisfits: boolean },
): Promise<SignedUpdate & { packageFile: string }> {
  const { acceptsMisfits, basis, folder, keys } = options;
  const partFile = join(folder, `.update-${randomUUID()}.part`);
  let part;
  try {
    part = await open(partFile, 'wx', 0o600);
  } catch (cause) {
    throw new AppError('STORE_FAILED', `${folder} can’t be written to.`, { cause });
  }
  try {
    const file = part;
    const signed = await readUpdateFile(path, {
      keys,
      onChunk: async (chunk) => {
        await file.writeFile(chunk);
      },
    });
    const misfits = findMisfits(signed, basis);
    if (misfits.length > 0 && !acceptsMisfits) throw new AppError('CONFLICT', misfits.join(' '));
    await file.sync();
    const packageFile = join(folder, signed.manifest.fileName);
    await part.close();
    await nameFile(partFile, packageFile);
    return { ...signed, packageFile };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = systemErrorCode(cause);
    throw new AppError(
      code === 'EEXIST' ? 'ALREADY_EXISTS' : 'STORE_FAILED',
      code === 'EEXIST'
        ? `The package is already in ${folder}.`
        : `The package can’t be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  } finally {
    await part.close();
    await rm(partFile, { force: true });
  }
}
