import { AppError } from '../../../src-shared/errors.ts';
import type { RemoteFiles, SshConnection } from '../types.ts';
import { unlessAborted } from '../../../src-shared/base/unlessAborted.ts';

type Limits = { connection: SshConnection; lost: AbortSignal; timeoutMs: number };

/** Waits for `work` no longer than `timeoutMs`, and not once the link is lost. */
async function limited<Value>(work: Promise<Value>, limits: Limits): Promise<Value> {
  const { connection, lost, timeoutMs } = limits;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(
        new AppError('UPLOAD_FAILED', `The appliance's SFTP did not answer within ${timeoutMs / 1000} s.`),
      ),
    timeoutMs,
  );
  try {
    return await unlessAborted(Promise.race([work, late.promise]), lost);
  } catch (error) {
    // SFTP may notice first that the whole link went; a round trip tells a refusal from that.
    await unlessAborted(connection.ping(timeoutMs), lost);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** SFTP of one connection, in which nothing waits for ever. */
export async function limitedFiles(input: Limits): Promise<RemoteFiles> {
  const { connection } = input;
  const opening = connection.openFiles();
  let files: RemoteFiles;
  try {
    files = await limited(opening, input);
  } catch (error) {
    // It may still open, too late for anybody to use it.
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
