import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/**
 * Calls `onGone` when the reader of the output pipe is gone, also while there is nothing to write. Node can't detect this,
 * but `tail` watches its own output. Other systems than Linux notice it at the next write.
 */
export function watchReader(onGone: () => void): void {
  if (process.platform !== 'linux' || !fstatSync(1).isFIFO()) return;
  // `tail` ends with this process, so it never keeps the pipe open.
  const watch = spawn('tail', ['-f', '-s', '0.2', `--pid=${process.pid}`, '/dev/null'], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  watch.unref();
  watch.on('error', () => {});
  // A `tail` that does not watch its output never ends with this signal.
  watch.on('exit', (_code, signal) => {
    if (signal === 'SIGPIPE') onGone();
  });
}
