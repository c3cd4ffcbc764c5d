import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { waitFor } from './waitFor.ts';

/** A network namespace that a process `pid` keeps until `stop`. Needs root. */
export async function startOwnNetwork(): Promise<{ pid: number; stop: () => Promise<void> }> {
  const keeper = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  const ended = once(keeper, 'close');
  const pid = keeper.pid ?? 0;
  // unshare becomes sleep once the network exists.
  await waitFor(
    'the network exists',
    async () => (await readFile(`/proc/${pid}/comm`, 'utf8')) === 'sleep\n',
  );
  return {
    pid,
    stop: async () => {
      keeper.kill('SIGKILL');
      await ended;
    },
  };
}
