import type { Client, SFTPWrapper } from 'ssh2';

/** The SFTP operations as promises. Each rejects with the server's status. */
export function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)));
  });
}

export const realPath = (sftp: SFTPWrapper, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    sftp.realpath(path, (error, real) => (error === undefined ? resolve(real) : reject(error)));
  });

export const put = (
  sftp: SFTPWrapper,
  file: { path: string; content: string; mode: number },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const stream = sftp.createWriteStream(file.path, { flags: 'wx', mode: file.mode });
    stream.once('error', reject).once('close', () => resolve());
    stream.end(file.content);
  });

export const modeOf = (sftp: SFTPWrapper, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    sftp.stat(path, (error, stats) => (error === undefined ? resolve(stats.mode & 0o777) : reject(error)));
  });

export const remove = (sftp: SFTPWrapper, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    sftp.unlink(path, (error) => (error == null ? resolve() : reject(error)));
  });
