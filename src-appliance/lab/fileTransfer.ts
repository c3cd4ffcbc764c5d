import type { Stats } from 'node:fs';
import type { FileSpace } from './fileSpace.ts';
import type { Attributes, SFTPWrapper } from 'ssh2';
import { chmod, lstat, open, rm, type FileHandle } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

const { STATUS_CODE: status, flagsToString } = ssh2.utils.sftp;

const maxHandles = 16;
/** Maximum size of an uploaded file. Enough for keys and other small files. */
const maxFile = 1024 * 1024;
const maxRead = 64 * 1024;
const permissionBits = 0o777;

/** An error that is reported to the client as this SFTP status. */
function refusal(sftpStatus: number): Error {
  return Object.assign(new Error('refused'), { sftpStatus });
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return status.FAILURE;
  if ('sftpStatus' in error && typeof error.sftpStatus === 'number') return error.sftpStatus;
  const code = systemErrorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return status.NO_SUCH_FILE;
  if (code === 'EACCES' || code === 'EPERM') return status.PERMISSION_DENIED;
  return status.FAILURE;
}

function attributesOf(stats: Stats): Attributes {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = stats;
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}

/**
 * SFTP on an embedded appliance: upload, list and delete files in a file space, like sshd's internal-sftp.
 * Creates no links, so that no path leads out of the file space.
 */
export function serveFiles(sftp: SFTPWrapper, space: FileSpace): void {
  const handles = new Map<string, FileHandle>();
  let lastHandle = 0;

  const fileAt = (path: string): string => {
    const real = space.locate(path);
    if (real === null) throw refusal(status.PERMISSION_DENIED);
    return real;
  };
  const handleOf = (name: Buffer): FileHandle => {
    const handle = handles.get(name.toString('hex'));
    if (handle === undefined) throw refusal(status.FAILURE);
    return handle;
  };
  /** Runs `work` and replies OK, or with the error. If `work` returns true, it has already replied. */
  const answer = (request: number, work: () => Promise<boolean | void>): void => {
    const serve = async (): Promise<void> => {
      try {
        if ((await work()) !== true) sftp.status(request, status.OK);
      } catch (error) {
        sftp.status(request, statusOf(error));
      }
    };
    void serve();
  };

  sftp.on('REALPATH', (request, path) => {
    const filename = space.resolve(path);
    const attrs = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
    sftp.name(request, [{ filename, longname: filename, attrs }]);
  });
  sftp.on('OPEN', (request, path, flags, attributes) =>
    answer(request, async () => {
      const mode = flagsToString(flags);
      if (mode === null || handles.size >= maxHandles) throw refusal(status.FAILURE);
      const permissions = 'mode' in attributes ? attributes.mode & permissionBits : 0o666;
      const file = await open(fileAt(path), mode, permissions);
      lastHandle += 1;
      const name = Buffer.alloc(4);
      name.writeUInt32BE(lastHandle);
      handles.set(name.toString('hex'), file);
      sftp.handle(request, name);
      return true;
    }),
  );
  sftp.on('WRITE', (request, handle, offset, data) =>
    answer(request, async () => {
      if (offset + data.length > maxFile) throw refusal(status.FAILURE);
      await handleOf(handle).write(data, 0, data.length, offset);
    }),
  );
  sftp.on('READ', (request, handle, offset, length) =>
    answer(request, async () => {
      const buffer = Buffer.alloc(Math.min(length, maxRead));
      const { bytesRead } = await handleOf(handle).read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) throw refusal(status.EOF);
      sftp.data(request, buffer.subarray(0, bytesRead));
      return true;
    }),
  );
  sftp.on('FSTAT', (request, handle) =>
    answer(request, async () => {
      sftp.attrs(request, attributesOf(await handleOf(handle).stat()));
      return true;
    }),
  );
  const look = (request: number, path: string): void =>
    answer(request, async () => {
      sftp.attrs(request, attributesOf(await lstat(fileAt(path))));
      return true;
    });
  sftp.on('STAT', look);
  sftp.on('LSTAT', look);
  sftp.on('FSETSTAT', (request, handle, attributes) =>
    answer(request, async () => {
      if ('mode' in attributes) await handleOf(handle).chmod(attributes.mode & permissionBits);
    }),
  );
  sftp.on('SETSTAT', (request, path, attributes) =>
    answer(request, async () => {
      if ('mode' in attributes) await chmod(fileAt(path), attributes.mode & permissionBits);
    }),
  );
  sftp.on('CLOSE', (request, handle) =>
    answer(request, async () => {
      const file = handleOf(handle);
      handles.delete(handle.toString('hex'));
      await file.close();
    }),
  );
  sftp.on('REMOVE', (request, path) => answer(request, () => rm(fileAt(path))));
  // When a connection ends during an upload, close the file. The incomplete file stays, as with sshd.
  const closeAll = (): void => {
    for (const file of handles.values()) void file.close().catch(() => undefined);
    handles.clear();
  };
  // Close our side too. Like with sshd, the client waits for that.
  sftp.on('end', () => {
    closeAll();
    sftp.end();
  });
  sftp.on('close', closeAll);
  sftp.on('error', () => undefined);
}
