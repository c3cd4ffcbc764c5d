import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { changeTenant, listNetworks } from '../../test-support/remoteNetworks.ts';
import { expectWithin } from '../../test-support/expectWithin.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { watchBox } from '../../test-support/watchedBox.ts';

let box: StockBox;
let port: number;

const connect = (client: string, at: number) => {
  const options = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'ExitOnForwardFailure=yes',
    '-i',
    join(box.folder, client),
  ];
  return box.system.start(['ssh', '-N', ...options, '-R', `${at}:127.0.0.1:9`, `connect@${box.host}`]);
};

const killTunnels = () => box.system.run(['pkill', '-KILL', '-x', 'ssh']);
const signalObserver = (signal: NodeJS.Signals) =>
  box.system.mustRun(['sh', '-c', `kill -s ${signal.slice(3)} $(cat /run/sallyport-observer.pid)`]);

beforeAll(async () => {
  box = await startStockBox({ licence: {} });
  const change = await changeTenant(box, 'add', 'northwind');
  port = change.ports[0]?.first ?? 0;
  await writeFile(join(box.folder, 'northwind'), change.privateKey ?? '', { mode: 0o600 });
});
afterAll(() => box.stop());

function watchThis(...words: string[]) {
  const watched = watchBox(box, ...words);
  onTestFinished(() => void watched.stop());
  return watched;
}

test('when a tunnel comes up and is killed, says so at once; what it says equals the list', async () => {
  const watched = watchThis();
  await watched.untilSnapshot();
  const sessions = () => watched.state()?.remoteNetworks.tenants[0]?.sessions.length;
  expect(sessions()).toBe(0);
  connect('northwind', port);
  await watched.until('the forward', ({ remoteNetworks }) =>
    (remoteNetworks.tenants[0]?.forwards ?? []).some(({ listener }) => listener !== null),
  );
  await watched.untilEqualsList();
  await expectWithin(3000, async () => {
    await killTunnels();
    await watched.until('the end', ({ remoteNetworks }) => remoteNetworks.tenants[0]?.sessions.length === 0);
  });
  await watched.untilEqualsList();
});

test('when a console comes back, gets only what changed since', async () => {
  const first = watchThis();
  await first.untilSnapshot();
  const [line] = first.lines;
  if (line?.type !== 'snapshot') throw new Error('the first line is no snapshot');
  await changeTenant(box, 'add', 'quay');
  await first.until('the new tenant', ({ remoteNetworks }) => remoteNetworks.tenants.length === 2);
  first.stop();
  await changeTenant(box, 'remove', 'quay');
  const second = watchThis('--since', `${line.epoch}:${line.revision}`);
  await waitFor('the missing changes', () =>
    second.lines.some((one) => one.type === 'change' && one.gone.includes('tenant quay')),
  );
  expect(second.lines[0]).toMatchObject({ type: 'resumed', revision: line.revision });
  expect(second.lines.some(({ type }) => type === 'snapshot')).toBe(false);
  const unknown = watchThis('--since', `${line.epoch}:999999`);
  // Soon, although another console watches and nothing changes: a look without a sign may be 30 s away.
  await expectWithin(10_000, unknown.untilSnapshot);
  expect(unknown.lines[0]?.type).toBe('snapshot');
});

test('when nothing changes, says often that it still holds, and works little', async () => {
  const watched = watchThis();
  await watched.untilSnapshot();
  const pid = (await box.system.run(['cat', '/run/sallyport-observer.pid'])).stdout.trim();
  const ticks = async () => {
    const { stdout } = await box.system.run(['cat', `/proc/${pid}/stat`]);
    const fields = stdout.slice(stdout.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
  };
  const before = await ticks();
  const startedAt = performance.now();
  const count = watched.lines.length;
  await expectWithin(75_000, () => waitFor('twelve lines', () => watched.lines.length >= count + 12));
  const seconds = (performance.now() - startedAt) / 1000;
  const used = ((await ticks()) - before) / 100 / seconds;
  // On a quiet machine it is a third of this. The benchmark `rest-cost` measures it.
  expect(used).toBeLessThan(0.03);
});

const showLicence = async (): Promise<unknown> =>
  JSON.parse((await box.ke(['ke_manage_license_key', 'show', '--json'])).stdout);

test('the observer answers with the licence that the command prints itself', async () => {
  const served = await showLicence();
  await signalObserver('SIGSTOP');
  try {
    expect(await showLicence()).toEqual(served);
  } finally {
    await signalObserver('SIGCONT');
  }
  expect(served).toMatchObject({ contract: 1, state: expect.any(String) });
});

test('when the observer hangs or is gone, commands do their work themselves', async () => {
  const status = async () => (await box.ke(['ke_status', '--json'])).exitCode;
  await signalObserver('SIGSTOP');
  try {
    expect(await status()).toBe(0);
  } finally {
    await signalObserver('SIGCONT');
  }
  await signalObserver('SIGKILL');
  expect(await status()).toBe(0);
  expect((await listNetworks(box)).tenants).toHaveLength(1);
  const watched = watchThis();
  expect(await watched.ended).toBe(1);
  expect(watched.errors()).toContain('ke_watch: COMMAND_FAILED: the observer does not answer');
  await box.system.mustRun(['service', 'sallyport', 'restart']);
  await waitFor('the observer', async () => {
    const again = watchThis();
    await Promise.race([again.untilSnapshot(), again.ended]);
    return again.lines.length > 0;
  });
});

test.each([
  ['no argument', []],
  ['an unknown option', ['--all']],
  ['a position too many', ['--json', '--since', 'a:1', 'b']],
  ['a position without its option', ['--json', 'a:1']],
])('when ke_watch gets %s, says how to use it', async (_what, words) => {
  expect(await box.ke(['ke_watch', ...words])).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('ke_watch: INVALID_INPUT: usage: ke_watch --json'),
  });
});
