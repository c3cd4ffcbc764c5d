import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readStat, startedAt } from '../procfs/procfs.ts';
import { readListeningTime, saveServiceRecord } from './serviceRecord.ts';

let runFolder: string;
beforeEach(async () => {
  runFolder = await mkdtemp(join(tmpdir(), 'service-record-'));
  await mkdir(join(runFolder, 'service'));
});
afterEach(() => rm(runFolder, { recursive: true, force: true }));

const now = Date.now();
/** This test process takes the part of the service. */
async function saveRecord(secondsAgo: number, startTicks?: number): Promise<number> {
  const own = await readStat(process.pid);
  if (own === null) throw new Error('no process');
  const at = new Date(now - secondsAgo * 1000).toISOString();
  saveServiceRecord(runFolder, { pid: process.pid, startTicks: startTicks ?? own.startTicks, at });
  return startedAt(own, now);
}
const read = () => readListeningTime(runFolder, now);

it('when the service runs, it has received heartbeats from its start until now', async () => {
  const start = await saveRecord(2);
  const { from, until } = await read();
  expect(Math.abs(from - start)).toBeLessThan(60_000);
  expect(until).toBe(now);
});

it('when the service has ended, it received heartbeats until its last record', async () => {
  await saveRecord(2, 1);
  expect((await read()).until).toBe(now - 2_000);
});

it('when the service hangs, it received heartbeats until its last record', async () => {
  await saveRecord(40);
  expect((await read()).until).toBe(now - 40_000);
});

it('when there is no record of the service, no heartbeat counts as missing', async () => {
  expect(await read()).toEqual({ from: now, until: now });
});
