import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startFakeSshd, ticketOf } from '../../test-support/fakeSshd.ts';
import { changeTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox } from '../../test-support/stockBox.ts';
import { loadState } from '../core/state/tenantState.ts';

const run = promisify(execFile);
const programs = join(import.meta.dirname, 'bin');

it.each(['x64', 'arm64'])(
  'when it is built again for %s, is identical to the program in the repository',
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-client-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await run(join(import.meta.dirname, 'build.sh'), [folder]);
    const file = `sallyport-client-${name}`;
    const [built, kept] = await Promise.all([readFile(join(folder, file)), readFile(join(programs, file))]);
    expect(built.equals(kept)).toBe(true);
    expect(kept.length).toBeLessThan(16 * 1024);
    expect((await stat(join(programs, file))).mode & 0o111).toBe(0o111);
  },
);

it.each([
  ['none', []],
  ['too few', ['lookup']],
  ['too many', ['session', 'a', 'b', 'c']],
  ['unknown', ['help', 'a', 'b']],
])('rejects arguments that are %s with exit code 2', async (_what, words) => {
  await expect(run(join(programs, `sallyport-client-${process.arch}`), words)).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^usage: /u),
  });
});

it('when it runs on arm64, looks up a key and holds a session', async () => {
  const appliance = await startStockBox();
  onTestFinished(appliance.stop);
  await changeTenant(appliance, 'add', 'acme');
  const { tenants } = await loadState(appliance.config.stateFolder);
  const client = '/opt/sallyport/sallyport-client-arm64';
  await copyFile(join(programs, 'sallyport-client-arm64'), appliance.system.path(client));
  const monitor = await startFakeSshd(appliance, `qemu-aarch64-static ${client}`);
  onTestFinished(monitor.stop);
  const line = await monitor.lookUp(tenants[0]?.keys[0]?.blob ?? '');
  const welcome = await monitor.openSession(ticketOf(line));
  expect(JSON.parse(welcome)).toMatchObject({ type: 'welcome', clientId: 'acme' });
});
