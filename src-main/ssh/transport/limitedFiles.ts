import { AppError } from '../../../src-shared/errors.ts';
import type { RemoteFiles, SshConnection } from '../types.ts';
import { race } from '../../../src-shared/base/race.ts';

type Limits = {
  connection: SshConnection;
  lost: AbortSignal;
  timeoutMs: number;
  onRefused?: () => boolean;
};

/** Waits for `work`, at most `timeoutMs` and only while the link is up. */
async function withTimeLimit<Value>(work: Promise<Value>, limits: Limits): Promise<Value> {
  const { connection, lost, timeoutMs } = limits;
  try {
    return await race(work, {
      signal: lost,
      timeoutMs,
      onTimeout: () => {
        throw new AppError(
          'UPLOAD_FAILED',
          `The appliance’s SFTP did not answer within ${timeoutMs / 1000} s.`,
        );
      },
    });
  } catch (error) {
    // A failed SFTP request may be the first sign of a lost link. The ping shows whether the link is lost.
    await race(connection.ping(timeoutMs), { signal: lost });
    throw error;
  }
}

/** Opens SFTP on a connection. Every request has a time limit. */
export async function openLimitedFiles(input: Limits): Promise<RemoteFiles> {
  const { connection } = input;
  const opening = connection.openFiles(input.onRefused);
  let files: RemoteFiles;
  try {
    files = await withTimeLimit(opening, input);
  } catch (error) {
    // If SFTP opens after the time limit, close it.
    opening.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  }
  return {
    realPath: (path) => withTimeLimit(files.realPath(path), input),
    create: (path, content) => withTimeLimit(files.create(path, content), input),
    remove: (path) => withTimeLimit(files.remove(path), input),
    close: files.close,
    closed: files.closed,
  };
}
