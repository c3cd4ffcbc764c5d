import { pino, type Logger } from 'pino';

export type Log = Logger;

/**
 * The program's own log: JSON lines on stderr, or in `file`. Holds stacks and causes, never a secret: what could hold
 * one is censored by name, whatever a caller passes.
 */
export function createLog(options: { level?: string; file?: string } = {}): Log {
  return pino(
    {
      level: options.level ?? process.env['SALLYPORT_LOG'] ?? 'warn',
      redact: {
        paths: [
          'answers',
          '*.answers',
          'password',
          '*.password',
          'passphrase',
          '*.passphrase',
          'token',
          '*.token',
        ],
        censor: '[secret]',
      },
    },
    pino.destination(options.file === undefined ? 2 : { dest: options.file, mkdir: true, mode: 0o600 }),
  );
}
