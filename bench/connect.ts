import { readFile, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { readChildren } from '../src-appliance/core/procfs/procfs.ts';
import { startStockBox, type StockBox } from '../test-support/stockBox.ts';
import { watchAppliance } from '../test-support/tenantSite.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { watchHerd, type Herd } from './herd.ts';
import { describeMachine, median } from './machine.ts';
import { isInstalled, runInOwnNetwork, say } from './program.ts';
import { describeMemory, measureSessionMemory, type SessionMemory } from './memory.ts';
import {
  countListening,
  registerTenants,
  startFleet,
  type FleetKind,
  type FleetTenant,
} from './tenantFleet.ts';
import { startUpstream } from './upstream.ts';

/*
 * npm run bench:connect -- [--tenants 150] [--forwards 20] [--rounds 3] [--no-peers] [--json]
 *
 * Connects all tenants of one appliance with all their forwards, behind Debian's sshd with Debian's own MaxStartups.
 * Kills sshd with all its sessions, starts it again, and measures the time from its first answer until every port is
 * open again. autossh is the peer and alternates in the same run. Also measures: how long a console needs to connect
 * and show all ports, and to probe them all; the clients' load on the restarted sshd; and the memory of the tenants'
 * sessions on the appliance.
 * Needs root: the appliance is a box, and its cable is in the benchmark's own network namespace.
 */
const settleTimeoutMs = 600_000;

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '150' },
    forwards: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const tenantCount = Number(values.tenants);
const forwardCount = Number(values.forwards);
const rounds = Number(values.rounds);

type Restart = { seconds: number; secondsFromKill: number; herd: Herd };

/** Kills sshd with all its sessions, starts it, and waits until all ports are open again. */
async function restart(appliance: StockBox, tenants: readonly FleetTenant[]): Promise<Restart> {
  const expected = tenants.length * forwardCount;
  const herd = watchHerd({
    logFile: appliance.syslogFile,
    sshdPid: () => findSshd(appliance),
  });
  const killed = performance.now();
  await appliance.stopSshd();
  await waitFor(
    'the ports of the killed sessions are closed',
    async () => (await countListening(appliance, tenants)) === 0,
  );
  await appliance.startSshd();
  const answered = performance.now();
  // Give this process priority over the processes that it measures; it starts none of them after this.
  setPriority(-15);
  await waitFor(
    `${expected} ports`,
    async () => (await countListening(appliance, tenants)) === expected,
    settleTimeoutMs,
  );
  const back = performance.now();
  setPriority(0);
  return {
    seconds: (back - answered) / 1000,
    secondsFromKill: (back - killed) / 1000,
    herd: await herd.stop(),
  };
}

/** The listening sshd, whose parent is the box's first process. */
async function findSshd({ system }: StockBox): Promise<number | null> {
  return (await readChildren(system.pid)).find(({ name }) => name === 'sshd')?.pid ?? null;
}

/**
 * Measures how long a new console needs to connect and show the whole list, and then to probe every tunnel.
 */
async function listAndProbe(appliance: StockBox) {
  const begun = performance.now();
  const watched = await watchAppliance(appliance);
  try {
    const { fleet, prober } = watched.services;
    const applianceId = watched.entry.id;
    const tunnels = fleet.tenants(applianceId).flatMap((view) => view.tunnels);
    const shown = performance.now();
    const listed = tunnels.filter(({ code }) => code === 'T-4000').length;
    const { probed, ok } = await prober.probe({ applianceId, clientId: null, port: null });
    const done = performance.now();
    const after = fleet.tenants(applianceId).flatMap((view) => view.tunnels);
    const faults = after.flatMap(({ clientId, port, code, tone }) =>
      tone === 'ok' ? [] : [`${clientId} ${port} ${code}`],
    );
    return {
      faults: faults.slice(0, 20),
      listed,
      consoleListSeconds: (shown - begun) / 1000,
      probed,
      ok,
      probeSeconds: (done - shown) / 1000,
    };
  } finally {
    await watched.close();
  }
}

/** At its usual level, sshd logs only the first connection that it drops because of MaxStartups. */
async function logAllDrops(appliance: StockBox): Promise<void> {
  const settings = await readFile(appliance.sshdConfigFile, 'utf8');
  await writeFile(appliance.sshdConfigFile, `LogLevel VERBOSE\n${settings}`);
  await appliance.restartSshd();
}

async function measure() {
  const appliance = await startStockBox();
  const upstream = await startUpstream();
  try {
    await logAllDrops(appliance);
    say(`registering ${tenantCount} tenants`);
    const options = { appliance, forwards: forwardCount, upstreamPort: upstream.port };
    const tenants = await registerTenants({ ...options, count: tenantCount });
    const peers: FleetKind[] = values['no-peers'] ? [] : ['autossh'];
    const present = peers.filter(isInstalled);
    const results: Record<FleetKind, Restart[]> = { connect: [], autossh: [] };
    let all: Awaited<ReturnType<typeof listAndProbe>> | null = null;
    let memory: SessionMemory | null = null;
    for (let round = 1; round <= rounds; round += 1) {
      for (const kind of ['connect' as const, ...present]) {
        const begun = performance.now();
        const fleet = await startFleet({ kind, tenants, ...options });
        say(`round ${round}: ${kind} is up after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
        try {
          const result = await restart(appliance, tenants);
          results[kind].push(result);
          say(`round ${round}: ${kind} is back after ${result.seconds.toFixed(1)} s`);
          if (kind === 'connect') memory ??= await measureSessionMemory(appliance.system.pid);
          if (kind === 'connect' && all === null) all = await listAndProbe(appliance);
        } finally {
          await fleet.stop();
        }
      }
    }
    return { results, all, memory, skipped: peers.filter((peer) => !present.includes(peer)) };
  } finally {
    upstream.stop();
    await appliance.stop();
  }
}

function pressed(herd: Herd | null): string {
  return herd === null
    ? ''
    : `, at most ${herd.maxUnauthenticated} unauthenticated at once, ${herd.dropped} turned away`;
}

async function run(): Promise<void> {
  const { results, all, memory, skipped } = await measure();
  const seconds = (kind: FleetKind) => median(results[kind].map((one) => one.seconds));
  const worst = (kind: FleetKind): Herd | null =>
    results[kind].map(({ herd }) => herd).sort((a, b) => b.maxUnauthenticated - a.maxUnauthenticated)[0] ??
    null;
  const ours = seconds('connect');
  const autossh = seconds('autossh');
  const report = {
    name: 'connect',
    unit: 's',
    ours,
    peers: { autossh },
    ratio: ours === null || autossh === null ? null : ours / autossh,
    machine: describeMachine(),
    tenants: tenantCount,
    ports: tenantCount * forwardCount,
    rounds: results,
    herd: { connect: worst('connect'), autossh: worst('autossh') },
    all,
    memory,
    skipped,
  };
  if (values.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  process.stdout.write(
    `connect: ${report.ports} ports of ${tenantCount} tenants back ${ours?.toFixed(1) ?? '?'} s after sshd${pressed(report.herd.connect)}; ` +
      (autossh === null
        ? 'autossh skipped'
        : `autossh ${autossh.toFixed(1)} s${pressed(report.herd.autossh)}; ratio ${report.ratio?.toFixed(2) ?? '?'}`) +
      (all === null
        ? ''
        : `; a console connects and shows ${all.listed} in ${all.consoleListSeconds.toFixed(1)} s, and probes ${all.probed} (${all.ok} OK) in ${all.probeSeconds.toFixed(1)} s more`) +
      (memory === null ? '' : `; ${describeMemory(memory)}`) +
      '\n',
  );
}

await runInOwnNetwork(import.meta.filename, run);
