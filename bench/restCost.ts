import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startApplianceConsole, type ApplianceConsole } from '../test-support/applianceConsole.ts';
import { descendantsOf } from '../test-support/processTree.ts';
import { changeTenant } from '../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../test-support/stockBox.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { cpuSecondsWithEnded } from './childProcesses.ts';
import { describeMachine, percentile } from './machine.ts';
import { runInOwnNetwork, say } from './program.ts';

/*
 * npm run bench:rest-cost -- [--seconds 600] [--kills 100] [--tenants 5] [--json]
 *
 * What a console costs an appliance that it watches while nothing happens, and how long a killed tunnel takes to be shown.
 * The appliance is a stock Debian box with the kit, and its administrator has the installer's sudo rule. Measured twice in
 * one run: with the kit as it is, which tells what changes, and without `ke_watch`, so that the console asks every five
 * seconds. What the appliance uses without a console is subtracted. Needs root and `npm run build`.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    kills: { type: 'string', default: '100' },
    tenants: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const watchProgram = '/usr/local/sbin/ke_watch';

/** Seconds of processor time of all processes of a box, also of those that have ended. */
async function cpuSecondsOf(box: StockBox): Promise<number> {
  let seconds = 0;
  for (const pid of [box.system.pid, ...(await descendantsOf(box.system.pid))]) {
    try {
      seconds += cpuSecondsWithEnded(pid);
    } catch {
      // The process has ended: its parent has its time.
    }
  }
  return seconds;
}

/** The share of one core that a box uses in `seconds`. */
async function shareOf(box: StockBox, seconds: number): Promise<number> {
  const [before, startedAt] = [await cpuSecondsOf(box), performance.now()];
  await delay(seconds * 1000);
  return ((await cpuSecondsOf(box)) - before) / ((performance.now() - startedAt) / 1000);
}

type Tenant = { name: string; port: number };

async function addTenants(box: StockBox, count: number): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  for (let at = 0; at < count; at += 1) {
    const name = `tenant-${at}`;
    const { privateKey, ports } = await changeTenant(box, 'add', name);
    await writeFile(join(box.folder, name), privateKey ?? '', { mode: 0o600 });
    tenants.push({ name, port: ports[0]?.first ?? 0 });
  }
  return tenants;
}

function connect(box: StockBox, { name, port }: Tenant): void {
  const options = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
  ];
  const forward = ['-R', `${port}:127.0.0.1:9`, `connect@${box.host}`];
  box.system.start(['ssh', '-N', ...options, '-i', join(box.folder, name), ...forward]);
}

/** Kills one tenant's client again and again. Returns how long each end took to be shown, in milliseconds and sorted. */
async function measureKills(box: StockBox, operator: ApplianceConsole, victim: Tenant): Promise<number[]> {
  const isShown = () =>
    operator.services.fleet
      .tenants(operator.entry.id)
      .some(({ tenant }) => tenant.clientId === victim.name && tenant.sessions.length > 0);
  const times: number[] = [];
  for (let count = 0; count < Number(values.kills); count += 1) {
    connect(box, victim);
    await waitFor('the session is shown', isShown);
    // At another moment of the console's and the appliance's rounds each time.
    await delay(Math.random() * 1000);
    await box.system.run(['pkill', '-KILL', '-f', `ssh .*/${victim.name} `]);
    const killedAt = performance.now();
    await waitFor('its end is shown', () => !isShown());
    times.push(performance.now() - killedAt);
  }
  return times.toSorted((left, right) => left - right);
}

async function measureConsole(box: StockBox, victim: Tenant, restShare: number) {
  const operator = await startApplianceConsole(box);
  const unfollow = operator.services.fleet.follow('all');
  try {
    await waitFor(
      'the appliance is shown',
      () => operator.services.fleet.tenants(operator.entry.id).length > 0,
    );
    await delay(10_000);
    const share = (await shareOf(box, Number(values.seconds))) - restShare;
    const times = await measureKills(box, operator, victim);
    return {
      applianceCorePercent: share * 100,
      killShownMs: { p50: percentile(times, 0.5), p95: percentile(times, 0.95), most: percentile(times, 1) },
    };
  } finally {
    unfollow();
    await operator.stop();
  }
}

async function main(): Promise<void> {
  const box = await startStockBox({ licence: {} });
  try {
    const [victim, ...others] = await addTenants(box, Number(values.tenants) + 1);
    if (victim === undefined) throw new Error('there must be a tenant');
    for (const tenant of others) connect(box, tenant);
    await delay(5000);
    const alone = await shareOf(box, Math.min(120, Number(values.seconds)));
    say(`without a console: ${(alone * 100).toFixed(2)} % of a core`);
    const told = await measureConsole(box, victim, alone);
    say(
      `the kit tells: ${told.applianceCorePercent.toFixed(2)} % of a core more, p95 ${told.killShownMs.p95.toFixed(0)} ms`,
    );
    await box.system.mustRun(['mv', watchProgram, `${watchProgram}.away`]);
    const asked = await measureConsole(box, victim, alone);
    say(
      `the console asks: ${asked.applianceCorePercent.toFixed(2)} % of a core more, p95 ${asked.killShownMs.p95.toFixed(0)} ms`,
    );
    const result = {
      name: 'rest-cost',
      unit: 'percent of a core of the appliance for each console; milliseconds from a killed tunnel to the console',
      ours: told,
      peers: { polling: asked },
      ratio: told.applianceCorePercent / asked.applianceCorePercent,
      withoutConsolePercent: alone * 100,
      load: loadavg()[0],
      machine: describeMachine(),
    };
    if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    await box.stop();
  }
}

await runInOwnNetwork(import.meta.filename, main);
