import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTimeoutMs } from '../../links/withLink.ts';
import { collectOutput } from '../../../test-support/boxSystem.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { freePort } from '../../../test-support/freePorts.ts';
import { makeKey } from '../../../test-support/plainSshd.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';

let folder: string;
/** Accepts connections and never answers. */
let server: Server;
const sockets = new Set<Socket>();
const data = () => ['--data', join(folder, 'data')];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-stopped-'));
  server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  const port = await freePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const identity = ['--identity', makeKey(folder, 'key').path, '--host-key', `SHA256:${'A'.repeat(43)}`];
  const target = `root@127.0.0.1:${port}`;
  const added = await runSallyport([...data(), 'appliance', 'add', 'kiln', target, ...identity]);
  if (added.code !== 0) throw new Error(added.err);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const stopped = { exitCode: 1, stdout: '', stderr: 'sallyport: Stopped. (CANCELLED)\n' };

test.each([
  // Nothing has to be closed yet.
  [['stats'], { exitCode: null, stdout: '', stderr: '' }],
  [['search', 'failed'], stopped],
  [['search', 'failed', '--count'], stopped],
  [['export', '--out', 'OUT'], stopped],
  [['export', '--preview'], stopped],
])(
  'when Ctrl-C is pressed while syslog %j waits for an appliance, it stops at once',
  async (words, expected) => {
    const out = join(folder, 'out');
    const argv = words.map((word) => (word === 'OUT' ? out : word));
    const isReached = once(server, 'connection');
    const child = spawn(process.execPath, [cliProgram, ...data(), 'syslog', ...argv], { stdio: 'pipe' });
    const result = collectOutput(child);
    await isReached;
    child.kill('SIGINT');
    const since = performance.now();
    expect(await result).toEqual(expected);
    // Otherwise it would wait for the link.
    expect(performance.now() - since).toBeLessThan(connectTimeoutMs / 2);
    expect(existsSync(out)).toBe(false);
  },
);
