import { pino, type Logger } from 'pino';

export type Log = Logger;

/**
 * Fields whose values are never logged, on the first four levels (`err.detail.privateKey` is on the third).
 */
const secretNames = ['answers', 'password', 'passphrase', 'privateKey', 'token'];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/**
 * Creates the log of this program: JSON lines on stderr or in `file`. It contains stack traces and causes,
 * but the fields in `secretNames` are replaced.
 */
export function createLog(options: { level?: string; file?: string } = {}): Log {
  return pino(
    {
      level: options.level ?? process.env['SALLYPORT_LOG'] ?? 'warn',
      redact: {
        paths: secretNames.flatMap((name) => depths.map((above) => `${above}${name}`)),
        censor: '[secret]',
      },
    },
    // The file is written synchronously, so that no line is lost in a crash.
    pino.destination(
      options.file === undefined ? 2 : { dest: options.file, mkdir: true, mode: 0o600, sync: true },
    ),
  );
}
