import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Fields that are never logged, down to the fourth level (`err.detail.privateKey` is on the third). */
const secretNames = ['answers', 'password', 'passphrase', 'privateKey', 'token'];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/**
 * The log of this program: JSON lines on stderr or in `file`. It holds stacks and causes but no secrets: fields that
 * could hold one are censored by name.
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
    // A file is written synchronously, so that the last lines before a crash are kept.
    pino.destination(
      options.file === undefined ? 2 : { dest: options.file, mkdir: true, mode: 0o600, sync: true },
    ),
  );
}
