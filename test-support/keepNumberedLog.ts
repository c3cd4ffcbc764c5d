import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAdministrator, makeKey, startBareBox } from './bareBox.ts';
import type { BoxSystem } from './boxSystem.ts';
import { createNumberedLog, numbersIn, type NumberedLog, type RotationRule } from './numberedLog.ts';
import { createStandingConsole, type EnteredServer, type StandingConsole } from './standingConsole.ts';
import { startStockBox } from './stockBox.ts';

type Server = EnteredServer & {
  system: BoxSystem;
  stopSshd: () => Promise<void>;
  startSshd: () => Promise<void>;
  stop: () => Promise<void>;
};

/** A box with the kit, whose administrator may read the log only through it. */
async function startKitServer(): Promise<Server> {
  const box = await startStockBox();
  const { system, host, port, adminUser: user, adminKeyFile: keyFile, stopSshd, startSshd, stop } = box;
  const hostKey = box.hostKey().fingerprint;
  return { system, host, port, user, keyFile, sudo: 'nopasswd', hostKey, stopSshd, startSshd, stop };
}

/** A Debian server without the kit, whose administrator is in the group that may read logs. */
async function startPlainServer(): Promise<Server> {
  const { system, host, port, sshd, folder, stop } = await startBareBox();
  const keyFile = join(folder, 'id_ed25519');
  await makeKey(keyFile);
  await addAdministrator(system, { user: 'ubuntu', keyFile, isLogReader: true });
  const { stopSshd, startSshd } = sshd;
  const hostKey = sshd.hostKey().fingerprint;
  return { system, host, port, user: 'ubuntu', keyFile, sudo: 'none', hostKey, stopSshd, startSshd, stop };
}

export const numberedServers = { 'with the kit': startKitServer, 'without the kit': startPlainServer };

/** How a box rotates its log; each also by `copytruncate`. */
export type Rotations = readonly (readonly RotationRule[])[];
export const allRotations: Rotations = [[], ['compress'], ['compress', 'delaycompress']];

type Site = { server: Server; log: NumberedLog; standing: StandingConsole };
type Fault = (site: Site, rules: readonly RotationRule[]) => Promise<void>;

const killSessions = ({ server }: Site) =>
  server.system.run(['pkill', '-KILL', '-x', '-u', server.user, 'sshd']);

/** Each happens while lines are written. */
const faults: readonly Fault[] = [
  async (site) => void (await killSessions(site)),
  async ({ log }, rules) => log.rotate(rules),
  async ({ log }, rules) => log.rotate([...rules, 'copytruncate']),
  async (site, rules) => {
    await killSessions(site);
    await site.log.rotate(rules);
  },
  async ({ standing, log }) => {
    const before = await standing.countKept('program:counter');
    // More than what is still on its way, so that the console is killed while it keeps lines.
    await log.write(500);
    await standing.untilMoreKept(before);
    await standing.kill();
    await standing.start();
  },
  async ({ standing, log }, rules) => {
    await standing.kill();
    await log.rotate(rules);
    await standing.start();
  },
  async ({ server, log }, rules) => {
    await server.stopSshd();
    await log.write(100);
    await log.rotate(rules);
    await log.write(100);
    await log.rotate(rules);
    await log.write(100);
    await log.rotate([...rules, 'copytruncate']);
    await server.startSshd();
  },
];

/** Shuffles by a seed, so that a failure can be repeated. */
function shuffle<Item>(items: readonly Item[], seed: number): Item[] {
  const key = (at: number) => Math.imul(seed * 31 + at + 1, 2_654_435_761) >>> 0;
  return items
    .map((item, at) => ({ item, key: key(at) }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

async function runFaults(site: Site, rotations: Rotations, lines: number): Promise<Set<number>> {
  const { log, standing } = site;
  const onServer = new Set<number>();
  const linesEach = Math.ceil(lines / rotations.length / faults.length);
  for (const [at, rules] of rotations.entries()) {
    for (const fault of shuffle(faults, at)) {
      const writing = log.write(linesEach);
      await fault(site, rules);
      await writing;
    }
    await log.write(1);
    const last = `"number ${String(log.written() - 1).padStart(7, '0')}"`;
    await standing.untilKept(last);
    for (const number of await log.numbersOnServer()) onServer.add(number);
    // The next phase names its files otherwise.
    await log.deleteRotated();
  }
  return onServer;
}

/**
 * Writes at least `lines` numbered lines through a server's rsyslog while links are cut, its sshd and the console are
 * killed, and logrotate rotates in each of its modes. Resolves with what the console kept, in its order, and what the
 * server's files had.
 */
export async function keepNumberedLog(what: {
  start: () => Promise<Server>;
  rotations: Rotations;
  lines: number;
}) {
  const server = await what.start();
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-numbered-'));
  const standing = createStandingConsole(join(folder, 'data'));
  const log = createNumberedLog(server.system);
  try {
    await standing.enter(server);
    await standing.start();
    const onServer = await runFaults({ server, log, standing }, what.rotations, what.lines);
    await standing.stop();
    const kept = numbersIn(await standing.exportText(join(folder, 'export')));
    return { kept, onServer, written: log.written() };
  } finally {
    await standing.kill();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function findDoubled(numbers: readonly number[]): number[] {
  const seen = new Set<number>();
  return numbers.filter((number) => seen.size === seen.add(number).size);
}

/** What may not happen to numbered lines, by kind. Each list is empty if each line was kept once and in order. */
export function findLosses({ kept, onServer, written }: Awaited<ReturnType<typeof keepNumberedLog>>) {
  const known = new Set(kept);
  const expected = [...onServer];
  // Lines that are on the server no longer were read before.
  const inOrder = [...known].filter((number) => onServer.has(number));
  const found = expected.filter((number) => known.has(number));
  return {
    lost: expected.filter((number) => !known.has(number)),
    doubled: findDoubled(kept),
    outOfOrder: inOrder.filter((number, at) => number !== found[at]),
    neverWritten: kept.filter((number) => number >= written),
  };
}
