import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/**
 * Calls `onGone` once standard output is a pipe that has no reader, which a command that waits for its next line would not
 * see. Node can't watch a pipe for that, but tail watches its own output. Elsewhere than on Linux the next line shows it.
 */
export function watchReader(onGone: () => void): void {
  if (process.platform !== 'linux' || !fstatSync(1).isFIFO()) return;
  // It ends with this process, however that ends: it must not keep the pipe open.
  const watch = spawn('tail', ['-f', '-s', '0.2', `--pid=${process.pid}`, '/dev/null'], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  watch.unref();
  watch.on('error', () => {});
  // A tail that does not watch its output never ends by this signal.
  watch.on('exit', (_code, signal) => {
    if (signal === 'SIGPIPE') onGone();
  });
}
