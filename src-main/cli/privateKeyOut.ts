import { open, rm, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../src-shared/errors.ts';
import { notMade } from './files.ts';

/** Where a private key goes that the appliance makes: nowhere, to standard output, or into a file of its owner's own. */
export type PrivateKeyOut = {
  /** Null where it goes to standard output. */
  path: string | null;
  write: (privateKey: string) => Promise<void>;
  /** Takes an unused file away again. */
  close: () => Promise<void>;
};

/**
 * Made before anything is changed, so that a key never comes into being without a place to go. Throws INVALID_INPUT where
 * it would be shown on a terminal, whose scroll-back keeps it, or where the file can't be made; ALREADY_EXISTS where it is
 * there already.
 */
export async function openPrivateKeyOut(path: string | undefined): Promise<PrivateKeyOut> {
  if (path === undefined) {
    if (process.stdout.isTTY)
      throw new AppError(
        'INVALID_INPUT',
        'A private key is not shown on a terminal, which would keep it: give --private-key-out FILE. Nothing was changed.',
      );
    return { path: null, write: () => Promise.resolve(), close: () => Promise.resolve() };
  }
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (cause) {
    throw notMade(path, cause, 'the private key needs a new file');
  }
  let isWritten = false;
  return {
    path,
    write: async (privateKey) => {
      await file.writeFile(privateKey);
      await file.sync();
      isWritten = true;
    },
    close: async () => {
      await file.close();
      if (!isWritten) await rm(path, { force: true });
    },
  };
}
