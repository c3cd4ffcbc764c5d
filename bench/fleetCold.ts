import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createColdFleet, type ColdFleet, type ColdRun } from './coldFleet.ts';
import { describeMachine, median } from './machine.ts';
import { isInstalled, runInOwnNetwork, say, versionOf } from './program.ts';

/*
 * npm run bench:fleet-cold -- [--appliances 20,100] [--rounds 5] [--parallel 100] [--no-peers] [--json]
 * npm run bench:status-1000 is the same for 1,000.
 *
 * A cold status of many appliances: start the program, connect to each, verify its host key, log in, run the three read
 * commands, print. Peers run the same three commands in one session each and alternate in the same run; their settings
 * are in `bench/peers/`. The appliances are one stock Debian box with the kit, whose sshd answers on as many loopback
 * addresses. Needs root and `npm run build`.
 */
const { values } = parseArgs({
  options: {
    appliances: { type: 'string', default: '20,100' },
    rounds: { type: 'string', default: '5' },
    parallel: { type: 'string', default: '100' },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const peerNames = ['clush', 'parallel-ssh', 'ansible'] as const;

async function measureSize(fleet: ColdFleet, count: number) {
  const peers = values['no-peers'] ? [] : peerNames.filter(isInstalled);
  const kinds = ['sallyport', ...peers] as const;
  const runs = new Map<string, ColdRun[]>(kinds.map((kind) => [kind, []]));
  for (let round = 1; round <= Number(values.rounds); round += 1)
    for (const kind of round % 2 === 1 ? kinds : kinds.toReversed()) {
      const done = await fleet.run(kind, count);
      runs.get(kind)?.push(done);
      say(
        `round ${round}: ${kind} ${done.answered} of ${count} in ${done.seconds.toFixed(1)} s, ${done.cpuSeconds.toFixed(2)} s of processor time, ${done.peakMb.toFixed(0)} MB, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
      );
      if (done.answered !== count && kind === 'sallyport')
        throw new Error(`${done.answered} of ${count} answered`);
    }
  const secondsOf = (kind: string) => median((runs.get(kind) ?? []).map(({ seconds }) => seconds));
  const ours = secondsOf('sallyport');
  const times = Object.fromEntries(peers.map((kind) => [kind, secondsOf(kind)]));
  const fastest = Math.min(...Object.values(times).map((seconds) => seconds ?? Infinity));
  return {
    appliances: count,
    ours,
    peers: times,
    ratio: ours === null || !Number.isFinite(fastest) ? null : ours / fastest,
    cpuSeconds: Object.fromEntries(
      kinds.map((kind) => [kind, median((runs.get(kind) ?? []).map(({ cpuSeconds }) => cpuSeconds))]),
    ),
    peakMb: Object.fromEntries(
      kinds.map((kind) => [kind, Math.max(...(runs.get(kind) ?? []).map(({ peakMb }) => peakMb))]),
    ),
    runs: Object.fromEntries(runs),
  };
}

async function main(): Promise<void> {
  const sizes = values.appliances.split(',').map(Number);
  const fleet = await createColdFleet({ count: Math.max(...sizes), parallel: Number(values.parallel) });
  try {
    const results = [];
    for (const count of sizes) results.push(await measureSize(fleet, count));
    const report = {
      name: 'fleet-cold',
      unit: 's',
      sizes: results,
      versions: Object.fromEntries(peerNames.filter(isInstalled).map((name) => [name, versionOf(name)])),
      skipped: values['no-peers'] ? [] : peerNames.filter((name) => !isInstalled(name)),
      machine: { ...describeMachine(), load: loadavg()[0] },
    };
    if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else
      for (const { appliances, ours, peers, ratio, peakMb } of results)
        process.stdout.write(
          `fleet-cold: ${appliances} appliances: sallyport ${ours?.toFixed(1)} s, ${peakMb['sallyport']?.toFixed(0)} MB; ` +
            `${Object.entries(peers)
              .map(([name, seconds]) => `${name} ${seconds?.toFixed(1)} s`)
              .join(', ')}; ratio to the fastest ${ratio?.toFixed(2) ?? '–'}\n`,
        );
  } finally {
    await fleet.stop();
  }
}

await runInOwnNetwork(import.meta.filename, main);
