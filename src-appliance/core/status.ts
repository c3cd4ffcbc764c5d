import { readFile, stat, statfs } from 'node:fs/promises';
import { hostname, networkInterfaces, release, type as systemName, uptime } from 'node:os';
import type { ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import kit from '../../package.json' with { type: 'json' };
import type { Appliance } from './appliance.ts';
import { findStorageProblems } from './storageFindings.ts';
import {
  describePings,
  maxPingFailures,
  type LicencePings,
} from '../../src-shared/model/licence/licencePings.ts';
import { shorten } from '../../src-shared/base/machineText.ts';
import { readPings } from './licence/pingRecord.ts';
import { readClock, type ClockReading } from './licence/clock.ts';
import { readFailedSending } from './usage/sendingRecord.ts';
import { errorCodes } from '../../src-shared/errorCodes.ts';

const maxDetail = 512;
/** Leaves room for the next step. */
const maxFailure = 300;

async function operatingSystem(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1];
  return name ?? `${systemName()} ${release()}`;
}

type Disk = ApplianceStatus['disks'][number];

/**
 * The file systems that may become full: of the system, the state and the log. Each disk is listed once.
 */
async function readDisks(paths: readonly string[]): Promise<Disk[]> {
  const found = new Map<number, Disk>();
  for (const path of paths) {
    const stats = await statfs(path).catch(() => null);
    const file = await stat(path).catch(() => null);
    if (stats === null || file === null) continue;
    const disk = { path, totalBytes: stats.blocks * stats.bsize, freeBytes: stats.bavail * stats.bsize };
    if (!found.has(file.dev)) found.set(file.dev, disk);
  }
  return [...found.values()];
}

/** A finding if the clock's record is damaged, because the licence can't be evaluated without it. */
function findClockDamage({ damage }: ClockReading): ApplianceStatus['findings'] {
  return damage === null ? [] : [{ name: 'clock record', detail: damage }];
}

/** A finding if `listenAddress` is not an address of this computer, because sshd can't listen on it. */
function findForeignAddress(listenAddress: string | undefined): ApplianceStatus['findings'] {
  if (listenAddress === undefined) return [];
  const isOwn = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === listenAddress),
  );
  const detail = `${listenAddress} is not an address of this computer, so other members cannot reach any forward`;
  return isOwn ? [] : [{ name: 'cluster address', detail }];
}

/** A finding if pings fail again and again, because the authority no longer knows about this appliance. */
function findMissingPings({ pings }: { pings?: LicencePings }): ApplianceStatus['findings'] {
  if (pings === undefined || pings.failures < maxPingFailures) return [];
  return [{ name: 'licence ping', detail: shorten(describePings(pings), maxDetail) }];
}

/** A finding if the usage of a month does not reach the authority, because the vendor may then refuse the next licence. */
function findFailedSending(appliance: Appliance): ApplianceStatus['findings'] {
  const failed = readFailedSending(appliance);
  if (failed === null) return [];
  const code = 'USAGE_NOT_SENT';
  const detail = shorten(describePings(failed), maxFailure);
  return [{ name: 'usage report', code, detail: `${detail}. ${errorCodes[code].remedy}` }];
}

export async function readStatus(appliance: Appliance): Promise<ApplianceStatus> {
  const { config, runtime } = appliance;
  const now = appliance.now();
  const clock = await readClock(config.stateFolder, now);
  const pings = readPings(appliance);
  return {
    contract: 1,
    identity: { id: config.applianceId, hostname: config.hostname ?? hostname() },
    versions: {
      appliance: config.applianceVersion,
      kit: kit.version,
      sshd: await runtime.sshdVersion(),
      os: await operatingSystem(),
    },
    clock: { now: new Date(now).toISOString(), ranBackFrom: clock.ranBackFrom },
    ...(config.listenAddress === undefined ? {} : { listenAddress: config.listenAddress }),
    uptimeSeconds: uptime(),
    disks: await readDisks(['/', config.stateFolder, config.syslog]),
    services: await runtime.services(),
    findings: [
      ...findClockDamage(clock),
      ...findForeignAddress(config.listenAddress),
      ...findMissingPings(pings),
      ...findFailedSending(appliance),
      ...(await findStorageProblems(config)),
    ],
    ...pings,
    logs: { syslog: config.syslog },
  };
}
