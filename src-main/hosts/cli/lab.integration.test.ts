import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createServices } from '../../services.ts';
import { descendantsOf } from '../../../test-support/processTree.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';

const readySchema = z.object({
  appliances: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      port: z.number(),
      user: z.string(),
      identityFile: z.string(),
      hostKeySha256: z.string(),
    }),
  ),
});
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-cli-lab-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sallyport = (...argv: string[]) => sallyportOn('data', ...argv);

async function sallyportOn(data: string, ...argv: string[]) {
  const child = spawn(process.execPath, [cliProgram, '--data', join(folder, data), ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  await once(child, 'close');
  return { code: child.exitCode, out };
}

test('when the command line adds something to the lab, a running console shows it', async () => {
  const lab = spawn(
    process.execPath,
    [cliProgram, '--json', 'lab', '--appliances', '2', '--tenants', '3', '--seed', 's'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(createInterface({ input: lab.stdout }), 'line');
  const { appliances } = readySchema.parse(JSON.parse(String(line)));
  expect(appliances).toHaveLength(2);
  const services = createServices({ dataFolder: join(folder, 'data'), host: 'web', operator: 'ada' });
  const stop = new AbortController();
  const tones = new Map<string, string>();
  const watching = (async () => {
    for await (const changes of services.fleet.watch(stop.signal))
      for (const view of changes.appliances) tones.set(view.entry.name, view.health.tone);
  })();
  for (const one of appliances) {
    const target = `${one.user}@${one.host}:${one.port}`;
    const given = ['appliance', 'add', one.name, target, '--identity', one.identityFile];
    expect(await sallyport(...given, '--host-key', one.hostKeySha256)).toMatchObject({ code: 0 });
  }
  await waitFor('the running console asked both', () =>
    appliances.every(({ name }) => !['unknown', undefined].includes(tones.get(name))),
  );
  const {
    items: status,
  }: { items: { name: string; link: { state: string }; tenants: { total: number } | null }[] } = JSON.parse(
    (await sallyport('--json', 'status')).out,
  );
  expect(status.map((one) => one.link.state)).toEqual(['connected', 'connected']);
  expect(status.reduce((sum, one) => sum + (one.tenants?.total ?? 0), 0)).toBe(3);

  expect(await sallyport('appliance', 'remove', appliances[0]?.name ?? '', '--yes')).toMatchObject({
    code: 0,
  });
  await waitFor('the running console dropped it', () => services.inventory.list().length === 1);
  stop.abort();
  await watching;
  await services.close();

  const pids = lab.pid === undefined ? [] : await descendantsOf(lab.pid);
  expect(pids.length).toBeGreaterThan(1);
  lab.kill('SIGTERM');
  await once(lab, 'exit');
  expect(lab.exitCode).toBe(0);
  await waitFor('every process of the lab is gone', () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  expect(existsSync(appliances[1]?.identityFile ?? '/')).toBe(false);
});

test('when the console restarts, last known values are shown but not green', async () => {
  const dataFolder = join(folder, 'data');
  const services = createServices({ dataFolder, host: 'web', operator: 'ada' });
  const [view] = services.fleet.overview();
  expect(view?.status?.value.versions.appliance).toMatch(/^\d/u);
  expect(Date.parse(view?.observedAt ?? '')).toBeLessThan(Date.now());
  expect(view).toMatchObject({ link: { state: 'idle' } });
  expect(view?.health.tone).not.toBe('ok');
  await services.close();
});

test('when an offline appliance of a lab borrows the network of this computer, its licence is renewed, and the window is closed', async () => {
  const lab = spawn(process.execPath, [cliProgram, '--json', 'lab', '--appliances', '2', '--tenants', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: lab.stdout }), 'line');
  const offline = readySchema.parse(JSON.parse(String(line))).appliances[1];
  if (offline === undefined) throw new Error('the lab has no second appliance');
  const target = `${offline.user}@${offline.host}:${offline.port}`;
  const given = ['appliance', 'add', 'lent', target, '--identity', offline.identityFile];
  expect(await sallyportOn('window', ...given, '--host-key', offline.hostKeySha256)).toMatchObject({
    code: 0,
  });

  const checked = await sallyportOn('window', '--json', 'licence', 'window', 'lent', '--dry-run', '--yes');
  expect(JSON.parse(checked.out)).toMatchObject({ finished: { result: 'acceptable' }, connections: 1 });
  const renewed = await sallyportOn('window', '--json', 'licence', 'window', 'lent', '--yes');
  expect(JSON.parse(renewed.out)).toMatchObject({
    finished: { result: 'renewed' },
    closed: { why: 'command-ended', forward: 'confirmed', isListening: false, openConnections: 0 },
  });
  expect([checked.code, renewed.code]).toEqual([0, 0]);
  lab.kill('SIGTERM');
  await once(lab, 'exit');
});

test('when a lab starts without --json, prints what it runs as text', async () => {
  const lab = spawn(process.execPath, [cliProgram, 'lab', '--appliances', '1', '--tenants', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  lab.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  await waitFor('the lab is announced', () => out.includes('Ctrl+C'));
  expect(out).toMatch(/^NAME +ADDRESS +VERSION +TENANTS\nkiln-01 +\S+@[\d.]+:\d+ +[\d.]+ +0\n/u);
  expect(out).toMatch(/\n {2}sallyport appliance add kiln-01 \S+ --identity \S+ --host-key SHA256:\S+\n/u);
  lab.kill('SIGTERM');
  await once(lab, 'exit');
  expect(lab.exitCode).toBe(0);
});

test('when the command of a lab is killed, the lab ends too', async () => {
  const lab = spawn(process.execPath, [cliProgram, '--json', 'lab', '--appliances', '1', '--tenants', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: lab.stdout }), 'line');
  const pids = lab.pid === undefined ? [] : await descendantsOf(lab.pid);
  expect(pids.length).toBeGreaterThan(1);
  lab.kill('SIGKILL');
  await waitFor('every process of the lab is gone', () => pids.every((pid) => !existsSync(`/proc/${pid}`)));
});
