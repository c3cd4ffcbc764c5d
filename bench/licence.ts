import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLicenceRequester } from '../test-support/licenceRequester.ts';
import { forgedKeySet } from '../test-support/forgery/forge.ts';
import { startApplianceFleet, type ApplianceFleet } from './applianceFleet.ts';
import { measureRefusal, type Refusal } from './garbage.ts';
import { measureBundle } from './licenceBundle.ts';
import { describeMachine, median } from './machine.ts';
import { isInstalled, runInOwnNetwork, say } from './program.ts';
import { prepareRenewals } from './renewFleet.ts';

/*
 * npm run bench:licence -- [--appliances 100] [--rounds 3] [--forks 20] [--no-fleet] [--no-peers] [--json]
 *
 * Renews the licences of a fleet of offline appliances from files: each behind its own sshd on a loopback address, as
 * the administrator with the installer's sudo rule. ansible (copy and raw) is the peer and alternates in the same run.
 * Also measures: verifying and comparing one bundle, reading a 4 kB bundle from an animated QR code of which frames are
 * lost, and refusing 100 MB of garbage. Needs root and `npm run build`.
 */
const garbageBytes = 100 * 1000 * 1000;

const { values } = parseArgs({
  options: {
    appliances: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    forks: { type: 'string', default: '20' },
    'no-fleet': { type: 'boolean', default: false },
    'no-peers': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.appliances);

async function measureFleet(fleet: ApplianceFleet) {
  const renewals = await prepareRenewals(fleet);
  const hasPeer = !values['no-peers'] && isInstalled('ansible');
  const times: { sallyport: number[]; ansible: number[] } = { sallyport: [], ansible: [] };
  const loads: number[] = [];
  const renew = {
    sallyport: renewals.renewWithSallyport,
    ansible: () => renewals.renewWithAnsible(values.forks),
  };
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const order = round % 2 === 1 ? (['sallyport', 'ansible'] as const) : (['ansible', 'sallyport'] as const);
    for (const kind of order) {
      if (kind === 'ansible' && !hasPeer) continue;
      const seconds = await renew[kind]();
      const renewed = await renewals.countRenewed();
      if (renewed !== count) throw new Error(`${kind} renewed ${renewed} of ${count}`);
      times[kind].push(seconds);
      loads.push(loadavg()[0] ?? 0);
      say(
        `round ${round}: ${kind} renewed ${count} in ${seconds.toFixed(1)} s, load ${(loads.at(-1) ?? 0).toFixed(1)}`,
      );
    }
  }
  const each = (kind: keyof typeof times) => {
    const seconds = median(times[kind]);
    return seconds === null ? null : (seconds / count) * 1000;
  };
  return {
    appliances: count,
    msEach: { sallyport: each('sallyport'), ansible: each('ansible') },
    times,
    loads,
    skipped: hasPeer ? [] : ['ansible'],
  };
}

const built = (name: string) => join(import.meta.dirname, `../out/desktop/${name}.js`);

/** What each entry point says to 100 MB, with its time and the peak of its memory. */
async function measureGarbage(fleet: ApplianceFleet | null): Promise<Record<string, Refusal>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-garbage-'));
  try {
    const garbage = join(folder, 'garbage');
    writeFileSync(garbage, Buffer.alloc(garbageBytes, 'eyJ.'));
    const request = join(folder, 'request.jws');
    writeFileSync(request, await (await createLicenceRequester()).request());
    const cli = [process.execPath, built('cli'), '--data', join(folder, 'data'), 'licence'];
    const small = join(folder, 'small');
    writeFileSync(small, 'eyJ.');
    const authority = [process.execPath, built('authority'), '--data', join(folder, 'authority')];
    spawnSync(process.execPath, [...authority.slice(1), 'init']);
    const measured: Record<string, Refusal> = {
      'sallyport licence verify FILE, but 4 bytes': await measureRefusal(
        [...cli, 'verify', small, '--request', request],
        null,
      ),
      'sallyport licence verify FILE': await measureRefusal(
        [...cli, 'verify', garbage, '--request', request],
        null,
      ),
      'sallyport licence verify -': await measureRefusal(
        [...cli, 'verify', '-', '--request', request],
        garbage,
      ),
      'sallyport-authority answer FILE': await measureRefusal([...authority, 'answer', garbage], null),
      'sallyport-authority answer -': await measureRefusal([...authority, 'answer', '-'], garbage),
    };
    if (fleet === null) return measured;
    const { box } = fleet;
    const inBox = ['nsenter', '--target', `${box.system.pid}`, '--mount', '--uts', '--net', '--pid', '--'];
    const user = ['setpriv', '--reuid', 'ubuntu', '--regid', 'ubuntu', '--init-groups', '--reset-env', '--'];
    const path = join(box.folder, 'garbage');
    writeFileSync(path, Buffer.alloc(garbageBytes, 'eyJ.'), { mode: 0o644 });
    const ke = [...inBox, ...user, 'sudo', '-n', 'ke_manage_license_key'];
    measured['ke_manage_license_key verify -, but 4 bytes'] = await measureRefusal(
      [...ke, 'verify', '-'],
      small,
    );
    for (const verb of ['verify', 'import']) {
      measured[`ke_manage_license_key ${verb} FILE`] = await measureRefusal([...ke, verb, path], null);
      measured[`ke_manage_license_key ${verb} -`] = await measureRefusal([...ke, verb, '-'], garbage);
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure() {
  say('a bundle: verify, compare, animated QR code');
  const bundle = await measureBundle();
  if (!values['no-fleet']) say(`starting ${count} appliances`);
  const fleet = values['no-fleet'] ? null : await startApplianceFleet(count, forgedKeySet);
  try {
    say('100 MB of garbage');
    const garbage = await measureGarbage(fleet);
    return { bundle, garbage, fleet: fleet === null ? null : await measureFleet(fleet) };
  } finally {
    await fleet?.stop();
  }
}

async function run(): Promise<void> {
  const { bundle, garbage, fleet } = await measure();
  const ours = fleet?.msEach.sallyport ?? null;
  const ansible = fleet?.msEach.ansible ?? null;
  const report = {
    name: 'licence',
    unit: 'ms for each appliance',
    ours,
    peers: { ansible },
    ratio: ours === null || ansible === null ? null : ours / ansible,
    machine: { ...describeMachine(), load: loadavg()[0] },
    bundle,
    garbage,
    fleet,
  };
  if (values.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const { verifyAndCompare, animation } = bundle;
  const refusals = Object.entries(garbage).map(
    ([name, { seconds, rssMb, exitCode }]) =>
      `  ${name}: exit code ${exitCode} after ${seconds.toFixed(2)} s, ${rssMb.toFixed(0)} MB`,
  );
  process.stdout.write(
    [
      `licence: verify and compare ${bundle.bytes} bytes: median ${verifyAndCompare.medianMs?.toFixed(1)} ms, first ${verifyAndCompare.firstMs.toFixed(1)} ms`,
      `animated QR code, ${animation.chunks} parts, ${animation.lostShare * 100} % of the frames lost, ${animation.framesPerSecond} a second: read after ${animation.medianS} s, at most ${animation.maxS} s`,
      '100 MB of garbage:',
      ...refusals,
      ours === null
        ? 'fleet skipped'
        : `${count} appliances from files: ${ours.toFixed(0)} ms each; ansible copy and raw ${ansible === null ? 'skipped' : `${ansible.toFixed(0)} ms each`}; ratio ${report.ratio?.toFixed(2) ?? '?'}`,
      `load ${loadavg()[0]?.toFixed(1)}`,
      '',
    ].join('\n'),
  );
}

await runInOwnNetwork(import.meta.filename, run);
