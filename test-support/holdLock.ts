import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { killTree } from './processTree.ts';
import type { StockBox } from './stockBox.ts';

/** Holds the appliance's lock, so that every change waits. Resolves with the function that releases it. */
export async function holdLock({ config }: Pick<StockBox, 'config'>): Promise<() => Promise<void>> {
  const words = ['sh', '-c', 'echo held; exec sleep 600'];
  const holder = spawn('flock', [join(config.stateFolder, 'lock'), ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(holder, 'close');
  await once(holder.stdout, 'data');
  return async () => {
    await killTree(holder);
    await ended;
  };
}
