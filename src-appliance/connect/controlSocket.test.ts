import { once } from 'node:events';
import { linkSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ControlAnswer } from './controlProtocol.ts';
import { openControlSocket } from './controlSocket.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-control-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Creates a socket file on which no process listens, like a killed process leaves it. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.first`);
  await once(server, 'listening');
  linkSync(`${path}.first`, path);
  server.close();
  await once(server, 'close');
}

const answer = (): Promise<ControlAnswer> => Promise.resolve({ outcome: 'failed', message: 'a test' });
const nothing = (): void => undefined;

test('when many processes start with the socket of a killed one, exactly one of them runs', async () => {
  for (let round = 0; round < 40; round += 1) {
    const path = join(folder, `${round}.sock`);
    await leaveSocket(path);
    const starts = Array.from({ length: 6 }, async (_, index) => {
      await delay((index * round) % 7);
      return openControlSocket({ path, answer });
    });
    const settled = await Promise.allSettled(starts);
    const running = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect([round, running.length]).toEqual([round, 1]);
    for (const error of refused) expect(error).toMatchObject({ code: 'ALREADY_EXISTS' });
    await running[0]?.close(nothing);
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('when a start was killed while it held the lock, the next start waits only seconds', async () => {
  const path = join(folder, 'control.sock');
  await leaveSocket(path);
  writeFileSync(`${path}.lock`, '');
  const running = await openControlSocket({ path, answer });
  await expect(openControlSocket({ path, answer })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await running.close(nothing);
  expect(readdirSync(folder)).toEqual([]);
});
