import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { PublicKey } from '../../../../src-shared/model/licence/documents.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { describeUpdate } from '../../../update/describeUpdate.ts';
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

const describe = (signed: SignedUpdate, keyFile: string | undefined): string[] =>
  describeUpdate(signed, keyFile === undefined ? 'a key of this program' : `a key of ${keyFile}`);

/** Prints what a valid update file contains, and whether it fits here. Exit code: 1 if it does not. */
export async function verifyUpdate(
  output: Output,
  file: string,
  options: { keys?: string },
): Promise<number> {
  const signed = await readUpdateFile(file, { keys: keysOf(options.keys) });
  const misfits = findMisfits(signed, basis);
  output.print({ ...signed, misfits }, () => [...describe(signed, options.keys), ...misfits].join('\n'));
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
      ...describe(imported, options.keys),
      `Written to ${imported.packageFile}. Install it as you installed Sallyport.`,
    ].join('\n'),
  );
  return exitCodes.done;
}
