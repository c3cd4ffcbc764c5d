import { AppError } from '../../../src-shared/errors.ts';
import { readBounded } from '../../../src-shared/node/files.ts';
import type { Destination } from '../../../src-shared/model/syslog/forward/destination.ts';

const maxFileBytes = 256 * 1024;

function readNamed(path: string, isSecret: boolean): Buffer {
  const refuse = (why: string, cause?: unknown) =>
    new AppError('DESTINATION_REFUSED', `${path} ${why}. Nothing was sent.`, { cause });
  let file: ReturnType<typeof readBounded>;
  try {
    file = readBounded(path, { maxBytes: maxFileBytes });
  } catch (cause) {
    throw refuse('can’t be read', cause);
  }
  if (file === 'not-a-file' || file === 'too-large') throw refuse('is no file of at most 256 kB');
  // Windows has no such modes.
  if (isSecret && process.platform !== 'win32' && (file.mode & 0o077) !== 0)
    throw refuse('can be read by other users; run chmod 600 on it');
  return file.content;
}

/** One secret from a file that only this user can read. Throws DESTINATION_REFUSED. */
export function readSecretFile(path: string): string {
  const secret = readNamed(path, true).toString('utf8').trim();
  if (!/^[\u0021-\u007e]{1,16384}$/u.test(secret))
    throw new AppError(
      'DESTINATION_REFUSED',
      `${path} must contain one word and nothing else. Nothing was sent.`,
    );
  return secret;
}

/** The files that a receiver needs for TLS. */
export type TlsFiles = Pick<Destination, 'caFile' | 'certificateFile' | 'keyFile'>;

/** The files for TLS, read again for each connection, so that a renewed certificate is used. Throws DESTINATION_REFUSED. */
export function readTlsFiles({ caFile, certificateFile, keyFile }: TlsFiles) {
  return {
    minVersion: 'TLSv1.2' as const,
    ...(caFile === null ? {} : { ca: readNamed(caFile, false) }),
    ...(certificateFile === null ? {} : { cert: readNamed(certificateFile, false) }),
    ...(keyFile === null ? {} : { key: readNamed(keyFile, true) }),
  };
}
