import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { minuteMs } from '../../../src-shared/base/time.ts';
import type { Services } from '../../services.ts';
import { openConsoleLater } from '../../../test-support/applianceConsole.ts';
import { cliProgram } from '../../../test-support/cliProgram.ts';
import { startAuthoritySite, subscribeBox, type AuthoritySite } from '../../../test-support/authoritySite.ts';
import { runSallyport } from '../../../test-support/runSallyport.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import { waitFor } from '../../../test-support/waitFor.ts';

const root = join(import.meta.dirname, '../../..');
let box: StockBox;
let site: AuthoritySite;
let folder: string;
let data: string;

beforeAll(async () => {
  [box, site] = await Promise.all([startStockBox(), startAuthoritySite()]);
  await subscribeBox(box, site);
  folder = await mkdtemp(join(tmpdir(), 'sallyport-interrupted-'));
});
afterAll(async () => {
  await site.stop();
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  data = await mkdtemp(join(folder, 'data-'));
  const { adminUser, host, port, adminKeyFile, hostKey } = box;
  const identity = ['--identity', adminKeyFile, '--sudo', 'nopasswd', '--host-key', hostKey().fingerprint];
  const target = `${adminUser}@${host}:${port}`;
  const added = await runSallyport(['--data', data, 'appliance', 'add', 'quay-01', target, ...identity]);
  if (added.code !== 0) throw new Error(added.err);
});

/** The command line opens a window. */
const openByCommandLine = (): ChildProcess =>
  spawn(process.execPath, [cliProgram, '--data', data, 'licence', 'window', 'quay-01', '--yes'], {
    stdio: 'ignore',
  });

/** A console opens a window, as it does for a page. */
function openByConsole(): ChildProcess {
  const script = `
    const { createServices } = await import(${JSON.stringify(join(root, 'src-main/services.ts'))});
    const services = createServices({ dataFolder: ${JSON.stringify(data)}, host: 'web', operator: 'ada' });
    const [{ id: applianceId }] = services.inventory.list();
    const { authority: { host, port } } = await services.connectedWindow.plan({ applianceId });
    services.connectedWindow.open({ applianceId, confirmed: { host, port }, seconds: 60, isDryRun: false, acknowledged: [] });
    await services.connectedWindow.ended({ applianceId });
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
}

const mustRun = (...argv: string[]) => box.system.run(argv);
const loopbackListeners = async (): Promise<string[]> =>
  (await mustRun('ss', '-Hltn')).stdout
    .split('\n')
    .filter((line) => line.includes('127.0.0.1:') && !line.includes(':22 '));
const isCommandRunning = async () => (await mustRun('pgrep', '-f', 'ke_update_configuration')).exitCode === 0;
const shown = async (): Promise<unknown> =>
  JSON.parse((await box.ke(['ke_manage_license_key', 'show', '--json'])).stdout);

const closeDetails = (services: Services) =>
  services.audit
    .list({ before: null, limit: 20, query: 'connectedWindow.close' })
    .records.map(({ detail, result, errorCode }) => [result, errorCode, detail]);

/** Opens a window whose authority does not answer, and kills the console once its port is lent. */
async function killWhileOpen(start: () => ChildProcess): Promise<void> {
  site.signal('SIGSTOP');
  try {
    const child = start();
    await waitFor('the port is lent', async () => (await loopbackListeners()).length > 0);
    await waitFor('the command runs', isCommandRunning);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    await waitFor('the port is closed', async () => (await loopbackListeners()).length === 0);
    await waitFor('the command has ended', async () => !(await isCommandRunning()));
  } finally {
    site.signal('SIGCONT');
  }
}

test.each([
  ['the command line', openByCommandLine],
  ['a console', openByConsole],
] as const)(
  'when %s is killed while its window is open, the port closes, nothing is half applied, and the next console says so',
  async (_what, start) => {
    const before = await shown();
    await killWhileOpen(start);
    expect(await shown()).toEqual(before);

    const services = openConsoleLater(data, 0);
    try {
      const [entry] = services.inventory.list();
      const applianceId = entry?.id ?? '';
      // Before the appliance is connected, the result is not known.
      const current = () => services.connectedWindow.current({ applianceId });
      expect(current()).toMatchObject({
        phase: 'closed',
        closed: { why: 'console-ended', isListening: null },
        finished: { result: 'unknown', failure: { code: 'WINDOW_INTERRUPTED' } },
      });
      expect(services.connectedWindow.listOpen()).toEqual([]);
      const plan = await services.connectedWindow.plan({ applianceId });
      expect(plan.warnings[0]).toContain('The licence is the same as before it.');
      expect(current()).toMatchObject({
        closed: { isListening: false, openConnections: 0 },
        finished: { result: 'failed', installed: { sequence: null } },
      });
      expect(closeDetails(services)).toEqual([
        ['ok', null, expect.stringContaining('port does not listen')],
        ['failed', 'WINDOW_INTERRUPTED', expect.stringContaining('its console ended')],
      ]);
      const { host, port } = plan.authority;
      const opening = { seconds: 60, isDryRun: true, acknowledged: [] };
      services.connectedWindow.open({ applianceId, confirmed: { host, port }, ...opening });
      expect(await services.connectedWindow.ended({ applianceId })).toMatchObject({
        finished: { result: 'acceptable' },
      });
      expect((await services.connectedWindow.plan({ applianceId })).warnings).not.toContainEqual(
        expect.stringContaining('The last window'),
      );
    } finally {
      await services.close();
    }
  },
);

/** Waits without a pause, so that the console is killed before it can read the licence back. */
async function untilInstalled(): Promise<void> {
  const path = join(box.config.stateFolder, 'licence.jws');
  const end = performance.now() + 2 * minuteMs;
  while (!existsSync(path)) {
    if (performance.now() > end) throw new Error('no licence was installed');
    await nextTick();
  }
}

// From here on, the tests install licences.
test('when the command line is killed right after the licence was installed, the next one says what is installed', async () => {
  const requested = await runSallyport(['--data', data, 'licence', 'request', 'quay-01']);
  expect(requested).toMatchObject({ code: 0 });
  expect(await shown()).toMatchObject({ sequence: null });
  const child = openByCommandLine();
  const ended = once(child, 'close');
  await untilInstalled();
  child.kill('SIGKILL');
  await ended;
  await waitFor('the port is closed', async () => (await loopbackListeners()).length === 0);
  await waitFor('the command has ended', async () => !(await isCommandRunning()));

  const show = async () => {
    const { code, out, err } = await runSallyport(['--data', data, '--json', 'licence', 'show', 'quay-01']);
    expect(code).toBe(0);
    return { items: JSON.parse(out), err };
  };
  const { sequence } = z.object({ sequence: z.int() }).parse(await shown());
  const said = await show();
  expect(said.items).toMatchObject({
    items: [
      {
        licence: { sequence, state: 'valid' },
        // The window made its request void.
        openTrip: null,
        interruptedWindow: {
          result: 'renewed',
          text: expect.stringContaining(`The licence was renewed by it. Sequence ${sequence} is installed.`),
        },
      },
    ],
  });
  expect(said.err).toContain('quay-01: the connected window of ');
  // Said again, and asked once.
  expect(await show()).toEqual({ ...said, items: expect.anything() });

  const services = openConsoleLater(data, 0);
  try {
    const [entry] = services.inventory.list();
    expect(services.connectedWindow.current({ applianceId: entry?.id ?? '' })).toMatchObject({
      phase: 'closed',
      closed: { why: 'console-ended', isListening: false, openConnections: 0 },
      finished: { result: 'renewed', installed: { sequence }, failure: { code: 'WINDOW_INTERRUPTED' } },
    });
    expect(services.connectedWindow.listOpen()).toEqual([]);
    expect(closeDetails(services)).toEqual([
      ['ok', null, expect.stringContaining(`licence renewed, the appliance shows sequence ${sequence}`)],
      ['failed', 'WINDOW_INTERRUPTED', expect.stringContaining('its console ended')],
      // The window in which the command line only checked what the authority offers.
      ['ok', null, expect.stringMatching(/^[1-9]\d* bytes sent, [1-9]\d* received, /u)],
    ]);
    expect((await services.licences.trips()).map(({ ended: end }) => end?.how)).toEqual(['void']);
  } finally {
    await services.close();
  }
});

const issuedSequence = () => site.authority.licences.listOf(box.config.applianceId)[0]?.sequence ?? 0;

test('when the command on the appliance is killed after it installed the licence, the window says so and closes', async () => {
  const services = openConsoleLater(data, 0);
  try {
    const applianceId = services.inventory.list()[0]?.id ?? '';
    const { authority } = await services.connectedWindow.plan({ applianceId });
    const { host, port } = authority;
    const before = issuedSequence();
    const opening = { confirmed: { host, port }, seconds: 60, isDryRun: false, acknowledged: [] };
    services.connectedWindow.open({ applianceId, ...opening });
    await waitFor('a licence is issued', () => issuedSequence() > before);
    const release = site.holdRecords();
    const sequence = issuedSequence();
    try {
      await waitFor('it is installed', async () => Object(await shown()).sequence === sequence);
      await mustRun('pkill', '-KILL', '-f', 'ke_update_configuration');
      expect(await services.connectedWindow.ended({ applianceId })).toMatchObject({
        closed: { isListening: false, openConnections: 0, forward: 'confirmed' },
        finished: { result: 'renewed', failure: { code: expect.any(String) }, installed: { sequence } },
      });
    } finally {
      release();
    }
    expect(await shown()).toMatchObject({ state: 'valid', sequence });
    expect(closeDetails(services)[0]?.[0]).toBe('ok');
    // The appliance still has its receipt, and the authority takes it, whether or not it got it through the window.
    const receipt = await box.ke(['ke_manage_license_key', 'receipt']);
    await site.authority.reports.recordReceipt(receipt.stdout);
    const receipts = site.authority.reports.receiptsOf(box.config.applianceId);
    expect(receipts.filter((one) => one.sequence === sequence)).toMatchObject([{ outcome: 'applied' }]);
  } finally {
    await services.close();
  }
});
