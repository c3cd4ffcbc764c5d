import { AppError } from '../../../src-shared/errors.ts';
import type { RemoteFiles, SshConnection } from '../types.ts';
import { race } from '../../../src-shared/base/race.ts';

type Limits = { connection: SshConnection; lost: AbortSignal; timeoutMs: number };

/** Waits for `work` at most `timeoutMs`, and not after the link is lost. */
async function limited<Value>(work: Promise<Value>, limits: Limits): Promise<Value> {
  const { connection, lost, timeoutMs } = limits;
  try {
    return await race(work, {
      signal: lost,
      timeoutMs,
      onTimeout: () => {
        throw new AppError(
          'UPLOAD_FAILED',
          `The appliance's SFTP did not answer within ${timeoutMs / 1000} s.`,
        );
      },
    });
  } catch (error) {
    // SFTP may be the first to notice a lost link. A round trip distinguishes that from a refusal.
    await race(connection.ping(timeoutMs), { signal: lost });
    throw error;
  }
}

/** SFTP on one connection, with a time limit for every request. */
export async function limitedFiles(input: Limits): Promise<RemoteFiles> {
  const { connection } = input;
  const opening = connection.openFiles();
  let files: RemoteFiles;
  try {
    files = await limited(opening, input);
  } catch (error) {
    // It may still open later, when it is no longer needed.
    opening.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  }
  return {
    realPath: (path) => limited(files.realPath(path), input),
    create: (path, content) => limited(files.create(path, content), input),
    remove: (path) => limited(files.remove(path), input),
    close: files.close,
    closed: files.closed,
  };
}
