import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/**
 * Calls `onGone` when the reader closes the output pipe, even if nothing is being written. Node can't detect
 * this, so `tail` does. Linux only: elsewhere, a closed pipe is noticed at the next write.
 */
export function watchReader(onGone: () => void): void {
  if (process.platform !== 'linux' || !fstatSync(1).isFIFO()) return;
  // `tail` ends with this process, so that it does not keep the pipe open.
  const watch = spawn('tail', ['-f', '-s', '0.2', `--pid=${process.pid}`, '/dev/null'], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  watch.unref();
  watch.on('error', () => {});
  // An old `tail` that does not check its output does not end with SIGPIPE.
  watch.on('exit', (_code, signal) => {
    if (signal === 'SIGPIPE') onGone();
  });
}
