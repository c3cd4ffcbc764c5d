import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startWatchedLab } from '../../../test-support/watchedLab.ts';

let lab: Awaited<ReturnType<typeof startWatchedLab>>;
let folder: string;
const sallyport = (...argv: string[]) => runSallyport(['--data', folder, ...argv]);

beforeAll(async () => {
  lab = await startWatchedLab(['--fault', 'clock-set-back', '--fault', 'clock-set-ahead']);
  folder = await mkdtemp(join(tmpdir(), 'sallyport-wrong-clock-'));
});
afterAll(async () => {
  await lab.stop();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['clock-set-back', 'A-2003', /its clock is \d+ (?:d|h).* behind this computer’s\. It was set back from /u],
  ['clock-set-ahead', 'A-2005', /its clock is (?:1|2) h ahead of this computer’s\./u],
])('when a lab has the fault %s, licence show reports %s', async (fault, code, text) => {
  const place = lab.announcement.faults.find(({ name }) => name === fault);
  const at = lab.announcement.appliances.find(({ name }) => name === place?.appliance);
  if (at === undefined) throw new Error(`no appliance has ${fault}`);
  const access = ['--identity', at.identityFile, '--sudo', 'nopasswd', '--host-key', at.hostKeySha256];
  await sallyport('appliance', 'add', fault, `${at.user}@${at.host}:${at.port}`, ...access);
  await lab.waitForFault(fault);
  const { code: exitCode, err } = await sallyport('licence', 'show', fault);
  expect(err).toContain(`${fault}: ${code} `);
  expect(err).toMatch(text);
  expect(exitCode).toBe(0);
});
