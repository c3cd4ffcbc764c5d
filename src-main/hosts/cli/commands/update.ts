import { formatInstant } from '../../../../src-shared/base/time.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { PublicKey } from '../../../../src-shared/model/licence/documents.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { findMisfits, importUpdate, type UpdateBasis } from '../../../update/importUpdate.ts';
import { readUpdateFile, type SignedUpdate } from '../../../update/readUpdateFile.ts';
import { parseUpdateKeys, pinnedUpdateKeys } from '../../../update/updateKeys.ts';
import { readTextFile } from '../files.ts';
import type { Output } from '../output.ts';

const maxKeyFileBytes = 64 * 1024;

const basis: UpdateBasis = { version: programVersion, platform: process.platform, arch: process.arch };

function keysOf(file: string | undefined): readonly PublicKey[] {
  return file === undefined ? pinnedUpdateKeys : parseUpdateKeys(readTextFile(file, maxKeyFileBytes));
}

function describe({ keyId, manifest }: SignedUpdate, keyFile: string | undefined, misfits: string[]): string {
  const { arch, fileName, platform, sha256, signedAt, size, version } = manifest;
  const source = keyFile === undefined ? 'a key of this program' : `a key of ${keyFile}`;
  return [
    `Valid: Sallyport ${version} for ${platform} on ${arch}, signed ${formatInstant(signedAt)} with ${source} (${keyId}).`,
    `Package: ${fileName}, ${size} bytes, SHA-256 ${sha256}`,
    ...misfits,
  ].join('\n');
}

/** Prints what a valid update file contains, and whether it fits here. Exit code: 1 if it does not. */
export async function verifyUpdate(
  output: Output,
  file: string,
  options: { keys?: string },
): Promise<number> {
  const signed = await readUpdateFile(file, { keys: keysOf(options.keys) });
  const misfits = findMisfits(signed, basis);
  output.print({ ...signed, misfits }, () => describe(signed, options.keys, misfits));
  return misfits.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** Writes the package of a valid update file into a folder and prints its path. */
export async function importUpdateFile(
  output: Output,
  file: string,
  options: { out: string; keys?: string; any?: boolean },
): Promise<number> {
  const imported = await importUpdate(file, {
    keys: keysOf(options.keys),
    folder: options.out,
    basis,
    acceptsMisfits: options.any ?? false,
  });
  output.print(imported, () =>
    [
      describe(imported, options.keys, []),
      `Written to ${imported.packageFile}. Install it as you installed Sallyport.`,
    ].join('\n'),
  );
  return exitCodes.done;
}
