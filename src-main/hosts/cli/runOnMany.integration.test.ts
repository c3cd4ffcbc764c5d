import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { runViewSchema } from '../../../src-shared/model/fanOut/fleetRun.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { changeTenant, showTenant } from '../../../test-support/remoteNetworks.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { startShoutingService, startTenantClient, writeKey } from '../../../test-support/tenantClient.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const boxes = new Map<string, StockBox>();
let folder: string;

const boxOf = (name: string): StockBox => {
  const box = boxes.get(name);
  if (box === undefined) throw new Error(`no box ${name}`);
  return box;
};

const sallyport = (...argv: string[]) => runSallyport(['--data', join(folder, 'data'), ...argv]);

async function mustRun(...argv: string[]): Promise<string> {
  const { code, out, err } = await sallyport(...argv);
  if (code !== 0) throw new Error(`sallyport ${argv.join(' ')}: ${err}${out}`);
  return out;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-run-'));
  for (const name of ['kiln', 'quay']) {
    const box = await startStockBox();
    boxes.set(name, box);
    const { adminUser, host, port, adminKeyFile, hostKey } = box;
    const login = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
    await mustRun('appliance', 'add', name, `${adminUser}@${host}:${port}`, ...login);
    await changeTenant(box, 'add', 'acme');
  }
});
afterAll(async () => {
  for (const box of boxes.values()) await box.stop();
  await rm(folder, { recursive: true, force: true });
});

const quotaOf = async (name: string) => (await showTenant(boxOf(name), 'acme')).quota;

async function readRun(name: string) {
  return runViewSchema.parse(JSON.parse(await mustRun('--json', 'run', 'show', name)));
}

const statesOf = (run: Awaited<ReturnType<typeof readRun>>) =>
  Object.fromEntries(run.results.map(({ name, state }) => [name, state]));

/** Starts a change of acme's quota on both boxes, kiln as the canary, and waits until its tunnels are watched. */
async function startWatched(quota: number) {
  const order = ['--canary', 'kiln', '--watch', '60', '--reason', 'OPS-1', '--yes'];
  const argv = ['run', 'tenant', 'change', 'acme', 'kiln', 'quay', '--quota', `${quota}`, ...order];
  const child = spawn(process.execPath, [cliProgram, '--data', join(folder, 'data'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said.text += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  await waitFor('the canary is watched', () => said.text.includes('done, watched'));
  return { child, said, ended };
}

test('when Ctrl+C is pressed during the watch, nothing else starts; the rest runs later, and all is rolled back', async () => {
  const before = await quotaOf('quay');
  const run = await startWatched(30);
  expect(await quotaOf('kiln')).toBe(30);
  run.child.kill('SIGINT');
  expect(await run.ended).not.toBe(0);
  expect(await quotaOf('quay')).toBe(before);
  const stopped = await readRun('RUN-0001');
  expect(stopped).toMatchObject({ state: 'stopped', stopCause: 'operator' });
  expect(statesOf(stopped)).toEqual({ kiln: 'done', quay: 'not-started' });

  await mustRun('run', 'resume', '1', '--reason', 'OPS-2', '--yes');
  expect(statesOf(await readRun('RUN-0001'))).toEqual({ kiln: 'done', quay: 'done' });
  expect([await quotaOf('kiln'), await quotaOf('quay')]).toEqual([30, 30]);

  await mustRun('run', 'rollback', '1', '--reason', 'OPS-3', '--yes');
  expect(statesOf(await readRun('RUN-0001'))).toEqual({ kiln: 'rolled-back', quay: 'rolled-back' });
  expect([await quotaOf('kiln'), await quotaOf('quay')]).toEqual([before, before]);
});

test('when the canary loses a tunnel of another tenant during the watch, the other appliance is not changed', async () => {
  const service = await startShoutingService();
  onTestFinished(service.stop);
  const kiln = boxOf('kiln');
  const { ports, privateKey } = await changeTenant(kiln, 'add', 'northwind');
  const port = ports[0]?.first ?? 0;
  const client = startTenantClient(kiln, {
    keyFile: await writeKey(kiln, privateKey ?? ''),
    options: ['-N', '-T', '-R', `127.0.0.1:${port}:127.0.0.1:${service.port}`],
  });
  onTestFinished(client.stop);
  await waitFor('the tunnel carries traffic', async () => (await kiln.ask(port, 'hi\n')) === 'HI\n');
  const before = await quotaOf('quay');
  const run = await startWatched(40);
  await client.stop();
  expect(await run.ended).not.toBe(0);
  expect(run.said.text).toContain(`1 of 1 tunnels stopped answering: northwind:${port}.`);
  expect(await quotaOf('quay')).toBe(before);
  const stopped = await readRun('RUN-0002');
  expect(stopped).toMatchObject({ state: 'stopped', stopCause: 'canary' });
  expect(statesOf(stopped)).toEqual({ kiln: 'failed', quay: 'not-started' });
});
