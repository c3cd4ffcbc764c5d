import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { collectOutput } from '../../../test-support/boxSystem.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { freePort } from '../../../test-support/freePorts.ts';
import { makeKey } from '../../../test-support/plainSshd.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { openLogDatabase } from '../../syslog/store/database.ts';
import { createLogWriter } from '../../syslog/store/write/logWriter.ts';

const env = { ...process.env, TZ: 'Europe/Berlin' };
let folder: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-keep-'));
  data = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sallyport = (...argv: string[]) => runSallyport(['--data', data, ...argv], { env });

/** Adds an appliance that can't be reached. */
async function addKiln(): Promise<void> {
  const login = ['--identity', makeKey(folder, 'key').path, '--host-key', `SHA256:${'A'.repeat(43)}`];
  const added = await sallyport('appliance', 'add', 'kiln', `root@127.0.0.1:${await freePort()}`, ...login);
  if (added.code !== 0) throw new Error(added.err);
}

test('when there is no appliance yet, keep says so, waits, and keeps the first one that is added', async () => {
  const child = spawn(process.execPath, [cliProgram, '--data', data, 'syslog', 'keep'], { stdio: 'pipe' });
  const result = collectOutput(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (text: string) => (out += text));
  child.stderr.on('data', (text: string) => (err += text));
  await waitFor('it says so', () => err.includes('nothing is kept'));
  expect(err).toMatch(/^No appliances yet\. Add one: .*\nUntil then, nothing is kept\.\n$/u);
  await addKiln();
  await waitFor(
    'it keeps the appliance',
    () => out.startsWith('kiln: ') && err.includes('sallyport: kiln: '),
  );
  child.kill('SIGTERM');
  expect(await result).toMatchObject({ exitCode: exitCodes.done });
});

test('when lines are counted until a day, those of its last moment count, and none of the next day', async () => {
  await addKiln();
  const listed = await sallyport('--json', 'appliance', 'list');
  const [kiln] = z
    .object({ items: z.array(z.object({ id: z.string() })) })
    .parse(JSON.parse(listed.out)).items;
  const writer = createLogWriter(openLogDatabase(data));
  // Midnight in Berlin is 23:00 in UTC.
  const times = ['2026-11-20T12:00:00.000Z', '2026-11-20T22:59:59.999Z', '2026-11-20T23:00:00.000Z'];
  const bytes = Buffer.from(times.map((time) => `${time} kiln sshd[7]: a line\n`).join(''));
  const source = { id: 'syslog', start: 0, offset: bytes.length, order: 1, isComplete: false };
  const position = { device: '8:1', inode: '1', head: '', anchor: '', end: null };
  const arrival = { receivedAt: Date.parse('2026-11-21T12:00:00Z'), zoneOffsetMinutes: 0, skewMs: 0 };
  writer.append([
    {
      applianceId: kiln?.id ?? '',
      source: { ...source, ...position },
      from: 0,
      to: bytes.length,
      bytes,
      ...arrival,
    },
  ]);
  writer.close();
  const count = async (...range: string[]) => {
    const { out, err } = await sallyport('--json', 'syslog', 'stats', '--offline', ...range);
    expect(err).toBe('');
    const counted = z.object({ lines: z.int() }).nullable();
    return (
      z.object({ items: z.array(z.object({ counted })) }).parse(JSON.parse(out)).items[0]?.counted?.lines ?? 0
    );
  };
  expect(await count('--until', '2026-11-20')).toBe(2);
  expect(await count('--since', '2026-11-21')).toBe(1);
  expect(await count('--until', '2026-11-20T22:59Z')).toBe(2);
  expect(await count('--until', '2026-11-20T22:58Z')).toBe(1);
  const search = await sallyport('--json', 'syslog', 'search', 'time:<=2026-11-20', '--count', '--offline');
  expect(JSON.parse(search.out)).toMatchObject({ count: 2 });
});
