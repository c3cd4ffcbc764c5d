import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCodes } from '../../../src-shared/exitCodes.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { untilLogged } from '../../../test-support/untilLogged.ts';

let box: StockBox;
let folder: string;
const sallyport = (...argv: string[]) => runSallyport(['--data', join(folder, 'data'), ...argv]);

beforeAll(async () => {
  [box, folder] = await Promise.all([startStockBox(), mkdtemp(join(tmpdir(), 'sallyport-export-'))]);
  const { adminUser, host, port, adminKeyFile, hostKey } = box;
  const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
  const added = await sallyport('appliance', 'add', 'kiln', `${adminUser}@${host}:${port}`, ...identity);
  if (added.code !== 0) throw new Error(added.err);
});
afterAll(async () => {
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});

async function write(text: string): Promise<void> {
  await box.system.mustRun(['logger', '-t', 'counter', '-p', 'user.err', text]);
  await untilLogged(box, text);
}

test('when kept lines are exported, writes them with a manifest, hidden values and checksums', async () => {
  await write('job 1 from 203.0.113.9 has failed');
  await write('job 2 is done');
  const out = join(folder, 'out');
  const what = ['--query', 'program:counter failed', '--redact', 'addresses', '--out', out];
  const { code, out: printed, err } = await sallyport('--json', 'syslog', 'export', 'kiln', ...what);
  expect({ code, err }).toEqual({ code: exitCodes.done, err: '' });
  expect(JSON.parse(printed)).toMatchObject({
    folder: out,
    lines: 1,
    redaction: [{ kind: 'addresses', count: 1, distinct: 1 }],
  });
  expect(await readdir(out)).toEqual(['SHA256SUMS', 'lines.jsonl', 'manifest.json']);
  expect(JSON.parse(await readFile(join(out, 'lines.jsonl'), 'utf8'))).toMatchObject({
    appliance: 'kiln',
    program: 'counter',
    message: 'job 1 from <ip-1> has failed',
    file: { inode: expect.stringMatching(/^\d+$/u) },
  });
  const trail = await sallyport('audit', 'list');
  expect(trail.out).toContain('syslog.export');
});

test('when an export is previewed, shows it and writes nothing', async () => {
  const what = ['--query', 'program:counter', '--redact', 'addresses'];
  const { code, out } = await sallyport('syslog', 'export', ...what, '--preview', '--offline');
  expect(code).toBe(exitCodes.done);
  expect(out).toContain('job 1 from <ip-1> has failed');
  expect(out).not.toContain('job 2');
  expect(out).toContain('2 lines');
});
