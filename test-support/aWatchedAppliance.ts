import { splitAppliance, type WatchedAppliance } from '../src-shared/model/watch/watchedAppliance.ts';
import type { WatchLine } from '../src-shared/model/watch/watchLines.ts';
import { aLicence } from './aLicence.ts';

const now = '2026-11-20T09:00:00.000Z';

/** An appliance without tenants, as `ke_watch` says it. */
export const aWatchedAppliance: WatchedAppliance = {
  status: {
    contract: 1,
    identity: { id: '7f5f1d0e-5c8a-4c39-9f0e-2a9d9a7d5c11', hostname: 'kiln-01' },
    versions: { appliance: '1.14.4', kit: '0.1.0', sshd: null, os: null },
    clock: { now, ranBackFrom: null },
    uptimeSeconds: 10,
    disks: [],
    services: [],
    findings: [],
    logs: { syslog: '/var/log/syslog' },
  },
  remoteNetworks: {
    contract: 1,
    portRange: { first: 2200, last: 2299 },
    tenants: [],
    refusedLogIns: [],
  },
  licence: aLicence({}),
};

/** When something was seen, by the appliance's steady clock. */
export const seenAt = (ms: number, sentMs = ms) => ({ ms, sentMs, now, uptimeSeconds: 10 });

/** The first line of `ke_watch` about it. */
export const aWatchSnapshot = (ms = 0, sentMs = ms): Extract<WatchLine, { type: 'snapshot' }> => ({
  type: 'snapshot',
  version: 1,
  epoch: 'e',
  revision: 1,
  seen: seenAt(ms, sentMs),
  parts: Object.fromEntries(splitAppliance(aWatchedAppliance)),
});
