import type { Client, SFTPWrapper } from 'ssh2';
import { AppError } from '../../../src-shared/errors.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { describeError } from './connectError.ts';
import { quoteServerText } from './serverTexts.ts';
import type { RemoteFiles } from '../types.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/** SFTP's status code for a missing file (draft-ietf-secsh-filexfer-02, 7). */
const noSuchFile = 2;
/** The status code that OpenSSH uses for errors without their own code, mainly a full disk. */
const plainFailure = 4;

/**
 * Text in front of SFTP's first packet, which ssh2 took for the packet's length: its first four bytes. Null if
 * no text came.
 */
function findLeadingText(message: string): string | null {
  const length = /^Packet length (\d+) exceeds/u.exec(message)?.[1];
  if (length === undefined || Number(length) > 0x7fff_ffff) return null;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Number(length));
  const text = bytes.toString('latin1');
  return /^[\x20-\x7e\s]+$/u.test(text) ? text : null;
}

function findHint(cause: unknown): string {
  if (systemErrorCode(cause) === plainFailure) return ' (its disk may be full)';
  const message = cause instanceof Error ? cause.message : '';
  if (message.startsWith('Unable to start subsystem')) return ' (its sshd offers no SFTP: Subsystem sftp)';
  const text = findLeadingText(message);
  return text === null
    ? ''
    : ` (text comes before its answer, ${quoteServerText(`${text}…`)}; a start-up file of the login shell, such as .bashrc, prints it)`;
}

function uploadFailed(what: string, cause: unknown): AppError {
  const words = visibleText(describeError(cause)).slice(0, 300);
  const hint = findHint(cause);
  return new AppError('UPLOAD_FAILED', `${what}: the appliance said "${words}"${hint}.`, {
    detail: { words },
    cause,
  });
}

type Done<Value> = (error: Error | null | undefined, value: Value) => void;

function request<Value>(what: string, ask: (done: Done<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    try {
      ask((error, value) => (error == null ? resolve(value) : reject(uploadFailed(what, error))));
    } catch (thrown) {
      reject(uploadFailed(what, thrown));
    }
  });
}

function open(client: Client): Promise<SFTPWrapper> {
  return request('SFTP could not be opened', (done) => client.sftp(done));
}

/**
 * Opens SFTP with ssh2. A method whose operation fails rejects with UPLOAD_FAILED. The session adds time
 * limits and handles a lost link.
 */
export async function openRemoteFiles(client: Client): Promise<RemoteFiles> {
  const sftp = await open(client);
  const closed = Promise.withResolvers<void>();
  sftp.once('close', () => closed.resolve());
  // Pending requests reject with this error. Without a listener, the error would also end the program.
  sftp.on('error', () => undefined);

  async function create(path: string, content: Buffer): Promise<void> {
    const what = `${path} could not be made`;
    const handle = await request<Buffer>(what, (done) => sftp.open(path, 'wx', { mode: 0o600 }, done));
    const close = () => request<void>(what, (done) => sftp.close(handle, (error) => done(error, undefined)));
    try {
      await request<void>(`${path} could not be written`, (done) =>
        sftp.write(handle, content, 0, content.length, 0, (error) => done(error, undefined)),
      );
    } catch (thrown) {
      await close().catch(() => undefined);
      throw thrown;
    }
    await close();
  }

  return {
    realPath: (path) => request(`${path} could not be found`, (done) => sftp.realpath(path, done)),
    create,
    remove: (path) =>
      request(`${path} could not be deleted`, (done) =>
        sftp.unlink(path, (error) => done(systemErrorCode(error) === noSuchFile ? null : error, undefined)),
      ),
    close: () => sftp.end(),
    closed: closed.promise,
  };
}
