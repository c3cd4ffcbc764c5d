import { open, rm, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { notMade } from './files.ts';

/** Where a private key goes that the appliance makes: nowhere, to standard output, or into a file of its owner's own. */
export type PrivateKeyOut = {
  /** Null where it goes to standard output. */
  path: string | null;
  write: (privateKey: string) => Promise<void>;
  /** Takes an unused file away again. */
  close: () => Promise<void>;
};

/** Room that the file takes before anything is changed, bytes: more than a private key of any type needs. */
const reservedBytes = 16 * 1024;

/** A full disk shows here, and not when the appliance has made the key and forgotten it. */
async function reserveRoom(file: FileHandle, path: string): Promise<void> {
  try {
    const { bytesWritten } = await file.write(Buffer.alloc(reservedBytes), 0, reservedBytes, 0);
    if (bytesWritten < reservedBytes) throw new Error('the disk took a part only');
    await file.sync();
  } catch (cause) {
    await file.close();
    await rm(path, { force: true });
    throw new AppError('INVALID_INPUT', `${path} can't be written; is the disk full? Nothing was changed.`, {
      cause,
    });
  }
}

/**
 * Made before anything is changed, so that a key never comes into being without a place to go. Throws INVALID_INPUT if it
 * would be shown on a terminal, whose scroll-back keeps it, or if the file can't be made or has no room; ALREADY_EXISTS if
 * it exists.
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
  await reserveRoom(file, path);
  let isWritten = false;
  return {
    path,
    write: async (privateKey) => {
      // From the start of the file: what reserved the room was written at a position of its own.
      await file.writeFile(privateKey);
      await file.truncate(Buffer.byteLength(privateKey));
      await file.sync();
      isWritten = true;
    },
    close: async () => {
      await file.close();
      if (!isWritten) await rm(path, { force: true });
    },
  };
}
