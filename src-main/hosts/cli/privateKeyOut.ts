import { open, rm, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { creationError } from './files.ts';

/**
 * Where to write a private key that the appliance generates: standard output, or a file that only the user
 * can read.
 */
export type PrivateKeyOut = {
  /** Null means standard output. */
  path: string | null;
  write: (privateKey: string) => Promise<void>;
  /** Closes the file. Deletes it if no key was written. */
  close: () => Promise<void>;
};

/** Number of bytes that the file reserves before the change: more than any private key needs. */
const reservedBytes = 16 * 1024;

/**
 * Throws if the disk is full, before the appliance generates the key, because the appliance does not keep the
 * key.
 */
async function reserveRoom(file: FileHandle, path: string): Promise<void> {
  try {
    const { bytesWritten } = await file.write(Buffer.alloc(reservedBytes), 0, reservedBytes, 0);
    if (bytesWritten < reservedBytes) throw new Error('only part of it was written');
    await file.sync();
  } catch (cause) {
    await file.close();
    await rm(path, { force: true });
    throw new AppError(
      'INVALID_INPUT',
      `${path} can’t be written. Nothing was changed. Check that the disk has free space.`,
      {
        cause,
      },
    );
  }
}

/**
 * Opens the destination before the change, so that the key can't be lost. Throws ALREADY_EXISTS, or
 * INVALID_INPUT for a file that can't be written, and for a terminal, because its history would keep the key.
 */
export async function openPrivateKeyOut(path: string | undefined): Promise<PrivateKeyOut> {
  if (path === undefined) {
    if (process.stdout.isTTY)
      throw new AppError(
        'INVALID_INPUT',
        'Nothing was changed. A terminal would keep the private key in its history; add --private-key-out FILE.',
      );
    return { path: null, write: () => Promise.resolve(), close: () => Promise.resolve() };
  }
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (cause) {
    throw creationError(path, cause, 'the private key must go to a file that does not exist yet');
  }
  await reserveRoom(file, path);
  let isWritten = false;
  return {
    path,
    write: async (privateKey) => {
      // Starts at the beginning of the file, because `reserveRoom` wrote at an explicit position.
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
