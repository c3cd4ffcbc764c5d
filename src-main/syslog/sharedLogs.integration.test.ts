import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { exitCodes } from '../../src-shared/exitCodes.ts';
import { startRsyslogReceiver, type RsyslogReceiver } from '../../test-support/rsyslogReceiver.ts';
import { runSallyport } from '../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { untilLogged } from '../../test-support/untilLogged.ts';
import { waitFor } from '../../test-support/waitFor.ts';

/* What leaves the console from the log of a box that was set up as documented: exports, bundles, forwarded lines. */

const secret = 'hunter2-hunter2';
const address = '203.0.113.77';
let box: StockBox;
let receiver: RsyslogReceiver;
let folder: string;
const sallyport = (...argv: string[]) => runSallyport(['--data', join(folder, 'data'), ...argv]);

beforeAll(async () => {
  [box, receiver, folder] = await Promise.all([
    startStockBox(),
    startRsyslogReceiver(),
    mkdtemp(join(tmpdir(), 'sallyport-shared-')),
  ]);
  const { adminUser, host, port, adminKeyFile, hostKey } = box;
  const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
  await done('appliance', 'add', 'kiln', `${adminUser}@${host}:${port}`, ...identity);
  await write('job 1 has failed', `login of ann from ${address}`, `password=${secret}`, 'job 2 has failed');
});
afterAll(async () => {
  await Promise.all([box.stop(), receiver.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function write(...lines: string[]): Promise<void> {
  for (const line of lines) {
    await box.system.mustRun(['logger', '-t', 'counter', '-p', 'user.err', line]);
    await untilLogged(box, line);
  }
}

async function done(...argv: string[]): Promise<unknown> {
  const { code, out, err } = await sallyport('--json', ...argv);
  expect({ code, err }).toEqual({ code: exitCodes.done, err: '' });
  return JSON.parse(out);
}
const messagesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => z.object({ message: z.string() }).parse(JSON.parse(line)).message);

test('an export has the lines, a manifest and checksums that sha256sum confirms, and only its user can read it', async () => {
  const out = join(folder, 'whole');
  expect(await done('syslog', 'export', '--query', 'program:counter', '--out', out)).toMatchObject({
    lines: 4,
  });
  const text = await readFile(join(out, 'lines.jsonl'), 'utf8');
  expect(messagesOf(text)).toEqual([
    'job 1 has failed',
    `login of ann from ${address}`,
    `password=${secret}`,
    'job 2 has failed',
  ]);
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out });
  expect((await stat(join(out, 'lines.jsonl'))).mode & 0o777).toBe(0o600);
  const again = await sallyport('syslog', 'export', '--out', out);
  expect({ code: again.code, said: again.err }).toMatchObject({
    code: exitCodes.notFoundOrThere,
    said: expect.stringContaining('ALREADY_EXISTS'),
  });
});

test.each(['text', 'csv', 'jsonl'])(
  'a redacted export as %s has neither secrets nor addresses',
  async (format) => {
    const out = join(folder, `hidden-${format}`);
    const options = ['--redact', 'all', '--format', format, '--out', out];
    await done('syslog', 'export', '--query', 'program:counter', ...options);
    const files = execFileSync('grep', ['-rhc', '', out], { encoding: 'utf8' });
    expect(files).not.toBe('');
    const all = execFileSync('cat', [join(out, `lines.${format === 'text' ? 'log' : format}`)], {
      encoding: 'utf8',
    });
    expect(all).toContain('job 2 has failed');
    for (const hidden of [secret, address, 'kiln']) expect(all).not.toContain(hidden);
  },
);

test('a support bundle is an archive that tar reads, and has the lines, the status and no secret', async () => {
  const out = join(folder, 'bundle.tar.gz');
  await done('support', 'bundle', '--redact', 'all', '--out', out);
  const unpacked = await mkdtemp(join(folder, 'unpacked-'));
  execFileSync('tar', ['-xzf', out, '-C', unpacked]);
  const names = execFileSync('tar', ['-tzf', out], { encoding: 'utf8' });
  expect(names).toMatch(/manifest/u);
  expect(names).toMatch(/audit/u);
  const found = (text: string) =>
    execFileSync('sh', ['-c', `grep -rlF -- '${text}' . || true`], { cwd: unpacked, encoding: 'utf8' });
  // The control: the search finds what is there.
  expect(found('job 2 has failed')).not.toBe('');
  for (const hidden of [secret, address]) expect(found(hidden)).toBe('');
});

test('lines are forwarded once, also by a later run, and the command says how many', async () => {
  const relp = ['relp', `relp://127.0.0.1:${receiver.ports.relp}`];
  await done('syslog', 'forward', 'add', 'archive', ...relp);
  const counters = () => receiver.received().filter(({ program }) => program === 'counter');
  expect((await sallyport('syslog', 'forward', 'run', '--once')).code).toBe(exitCodes.done);
  await waitFor('the receiver has the lines', () => counters().length === 4);
  await write('job 3 has failed');
  expect((await sallyport('syslog', 'forward', 'run', '--once')).code).toBe(exitCodes.done);
  await waitFor('the receiver has the new line', () => counters().length >= 5);
  expect(
    counters()
      .map(({ message }) => message.trim())
      .at(-1),
  ).toBe('job 3 has failed');
  expect(counters()).toHaveLength(5);
  const listed = z
    .object({ items: z.array(z.object({ name: z.string(), sent: z.int(), missed: z.int() })) })
    .parse(await done('syslog', 'forward', 'list'));
  expect(listed.items).toMatchObject([{ name: 'archive', missed: 0 }]);
  expect(listed.items[0]?.sent).toBeGreaterThanOrEqual(5);
});

test('when a destination is away, the command fails and names it', async () => {
  await done('syslog', 'forward', 'add', 'away', 'relp', 'relp://127.0.0.1:9');
  const { code, err } = await sallyport('syslog', 'forward', 'run', 'away', '--once', '--offline');
  expect(code).toBe(exitCodes.cannotConnect);
  expect(err).toContain('DESTINATION_UNREACHABLE');
  expect(await done('syslog', 'forward', 'remove', 'away')).toMatchObject({ removed: 'away' });
});

test('a rule is added, listed and removed; a wrong query is refused', async () => {
  await done('syslog', 'watch', 'add', 'failures', 'program:counter failed', '--threshold', '3');
  const listed = z
    .object({ items: z.array(z.object({ name: z.string(), threshold: z.int() })) })
    .parse(await done('syslog', 'watch', 'list'));
  expect(listed.items).toMatchObject([{ name: 'failures', threshold: 3 }]);
  const wrong = await sallyport('syslog', 'watch', 'add', 'wrong', 'severity:<=loud');
  expect(wrong.code).toBe(exitCodes.usage);
  await done('syslog', 'watch', 'remove', 'failures');
});
