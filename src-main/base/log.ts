import { pino, type Logger } from 'pino';

export type Log = Logger;

/** What is never logged, down to the fourth level: `err.detail.privateKey` is on the third. */
const secretNames = ['answers', 'password', 'passphrase', 'privateKey', 'token'];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/**
 * The program's own log: JSON lines on stderr, or in `file`. Holds stacks and causes, never a secret: what could hold
 * one is censored by name, whatever a caller passes.
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
    // A file is written at once: the last lines before an end are those that matter.
    pino.destination(
      options.file === undefined ? 2 : { dest: options.file, mkdir: true, mode: 0o600, sync: true },
    ),
  );
}
