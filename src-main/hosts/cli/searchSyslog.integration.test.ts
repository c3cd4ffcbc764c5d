import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { untilLogged } from '../../../test-support/untilLogged.ts';

let box: StockBox;
let folder: string;
const sallyport = (...argv: string[]) => runSallyport(['--data', folder, ...argv]);

beforeAll(async () => {
  [box, folder] = await Promise.all([startStockBox(), mkdtemp(join(tmpdir(), 'sallyport-search-'))]);
  const { adminUser, host, port, adminKeyFile, hostKey } = box;
  const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
  const added = await sallyport('appliance', 'add', 'kiln', `${adminUser}@${host}:${port}`, ...identity);
  if (added.code !== 0) throw new Error(added.err);
});
afterAll(async () => {
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});

async function write(from: number, to: number): Promise<void> {
  const lines = `seq -f 'job %g has failed' ${from} ${to}`;
  await box.system.mustRun(['sh', '-c', `${lines} | logger -t counter -p user.err`]);
  await untilLogged(box, `job ${to} has failed`);
}

/** As logrotate does with `compress`. rsyslog has let the old file go when a line is in the new one. */
const rotate = () =>
  box.system.mustRun([
    'sh',
    '-c',
    'cd /var/log && mv syslog syslog.1 && pkill -HUP -x rsyslogd && until [ -s syslog ]; do logger rotated; sleep 0.1; done && gzip syslog.1 && chown root:adm syslog && chmod 640 syslog',
  ]);

async function search(...argv: string[]): Promise<string[]> {
  const { code, out, err } = await sallyport('--json', 'syslog', 'search', ...argv);
  expect({ code, err }).toEqual({ code: exitCodes.done, err: '' });
  const line = z.object({
    appliance: z.literal('kiln'),
    message: z.string(),
    program: z.string().nullable(),
  });
  return out
    .trim()
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => line.parse(JSON.parse(text)).message);
}
const jobs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `job ${from + index} has failed`);

test('when a log is searched, finds the lines of rotated files and of the present one, each once and in order', async () => {
  await write(1, 40);
  expect(await search('program:counter failed')).toEqual(jobs(1, 40));
  await rotate();
  await write(41, 60);
  expect(await search('program:counter "has failed"', 'kiln')).toEqual(jobs(1, 60));
  expect(await search('program:counter job -"job 60"', '--limit', '3')).toEqual(jobs(57, 59));
  expect(await search('program:counter', '--oldest', '--limit', '2')).toEqual(jobs(1, 2));
  const counted = await sallyport('--json', 'syslog', 'search', 'program:counter', '--count');
  expect(JSON.parse(counted.out)).toEqual({ format: 1, count: 60 });
});

test('when the log was deleted on the appliance, its kept lines are found, also without a connection', async () => {
  await box.system.mustRun(['sh', '-c', 'rm /var/log/syslog.1.gz']);
  await write(61, 61);
  expect(await search('program:counter /job (1|61) /')).toEqual(['job 1 has failed', 'job 61 has failed']);
  await write(62, 62);
  expect(await search('program:counter /job 6[12] /', '--offline')).toEqual(['job 61 has failed']);
});

test('when the query is wrong, says where', async () => {
  const { code, out, err } = await sallyport('syslog', 'search', 'severity:<=loud', '--offline');
  expect({ code, out }).toEqual({ code: exitCodes.usage, out: '' });
  expect(err).toContain('loud');
});

test('when the figures of a log are shown, they count its kept lines', async () => {
  const { code, out } = await sallyport('--json', 'syslog', 'stats', 'kiln', '--top', '50');
  expect(code).toBe(exitCodes.done);
  const counted = await sallyport('--json', 'syslog', 'search', 'program:counter', '--count', '--offline');
  const { count } = z.object({ count: z.int().positive() }).parse(JSON.parse(counted.out));
  const { items } = z.object({ items: z.array(z.looseObject({})) }).parse(JSON.parse(out));
  expect(items).toMatchObject([
    {
      appliance: 'kiln',
      kept: { limits: { maxBytes: 2 * 2 ** 30 } },
      counted: { programs: { values: expect.arrayContaining([{ value: 'counter', count }]) } },
    },
  ]);
  const text = await sallyport('syslog', 'stats', '--offline', '--since', '-1h');
  expect(text.out).toMatch(/^kiln\n {2}Kept: \d+ lines of \d files?, from .*\n {2}On disk: /u);
  expect(text.out).toContain(`counter ${count}`);
});

test('when a rule is switched off and on, the list says so', async () => {
  const list = async (): Promise<unknown> =>
    JSON.parse((await sallyport('--json', 'syslog', 'watch', 'list')).out);
  await sallyport('syslog', 'watch', 'add', 'fails', 'program:counter');
  const off = await sallyport('syslog', 'watch', 'off', 'fails');
  expect(off).toMatchObject({ code: exitCodes.done, out: 'fails raises nothing until it is switched on.\n' });
  expect(await list()).toMatchObject({ items: [{ name: 'fails', isEnabled: false }] });
  await sallyport('syslog', 'watch', 'on', 'fails');
  expect(await list()).toMatchObject({ items: [{ name: 'fails', isEnabled: true }] });
  const unknown = await sallyport('--json', 'syslog', 'watch', 'on', 'nothing');
  expect(unknown.code).not.toBe(exitCodes.done);
  expect(unknown.err + unknown.out).toContain('NOT_FOUND');
});
