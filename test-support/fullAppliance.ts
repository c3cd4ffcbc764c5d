import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { saveAnnouncement } from '../src-appliance/core/sessions/announcements.ts';
import { saveSessionEnd } from '../src-appliance/core/sessions/sessionRecords.ts';
import { saveState } from '../src-appliance/core/state/tenantState.ts';
import { maxTenantKeys, maxTenants, maxTenantSessions } from '../src-shared/model/tenants/listLimits.ts';
import { firstPort } from '../src-shared/model/tenants/ports.ts';
import type { KitAppliance } from './kitAppliance.ts';

const at = '2026-11-20T09:00:00.000Z';
const peerAddress = 'fd00:1111:2222:3333:4444:5555:6666:7777';
const memberAddress = 'fd00:aaaa:bbbb:cccc:dddd:eeee:ffff:9999';

function fingerprintOf(text: string): string {
  return `SHA256:${createHash('sha256').update(text).digest('base64').slice(0, 43)}`;
}

/** Returns texts of the maximum length. */
function textsOf(port: number) {
  const name = (what: string) => `${what}-${port}-`.padEnd(128, 'x');
  return {
    group: name('g'),
    repository: name('r'),
    uri: `smb://files-${port}.lan:445/`.padEnd(500, 'x'),
  };
}

/** Adds as many tenants, keys, sessions and forwards as one appliance may list. */
export async function fillAppliance(kit: KitAppliance): Promise<void> {
  const { stateFolder, runFolder, syslog, connectUser } = kit.config;
  Object.assign(kit.config, { listenAddress: memberAddress });
  const tenants = Array.from({ length: maxTenants }, (_, index) => {
    const clientId = `tenant-${index}-`.padEnd(63, 'x');
    return {
      clientId,
      quota: 1,
      suspended: false,
      ports: [{ first: firstPort + index, last: firstPort + index }],
      keys: Array.from({ length: maxTenantKeys }, (_key, number) => ({
        type: 'sk-ecdsa-sha2-nistp256@openssh.com',
        blob: 'AAAA',
        fingerprint: fingerprintOf(`${clientId} ${number}`),
        addedAt: at,
        expiresAt: '2036-11-20T09:00:00.000Z',
        whileRunning: null,
      })),
      createdAt: at,
      changedAt: at,
    };
  });
  await saveState(stateFolder, { tenants, formerKeys: [] });
  for (const [index, { clientId, ports }] of tenants.entries()) {
    const [port] = ports;
    if (port === undefined) throw new Error('a tenant has a port');
    const announced = textsOf(port.first);
    await saveAnnouncement({
      runFolder,
      clientId,
      isLive: async () => true,
      announcement: {
        session: { pid: 1_000_000 + index * maxTenantSessions, startTicks: 1 },
        announcedAt: at,
        forwards: [{ port: port.first, ...announced }],
        unplaced: [announced],
        omitted: 1,
      },
    });
    const reason = 'ended: its tenant lost ports that this session could still use';
    await saveSessionEnd({
      runFolder,
      clientId,
      ending: { endedAt: at, peerAddress, peerPort: 65_535, reason },
      endedBy: 'command',
    });
    for (let number = 0; number < maxTenantSessions; number += 1) {
      const pid = 1_000_000 + index * maxTenantSessions + number;
      kit.sessions.push({
        clientId,
        permittedPorts: ports,
        pid,
        startTicks: 1,
        kind: 'connect',
        peerAddress,
        peerPort: 65_535,
        since: at,
        keyFingerprint: fingerprintOf(`${clientId} ${number}`),
        connectVersion: '10.20.30-beta.40+build.50'.padEnd(32, '0'),
        lastHeartbeatAt: at,
        silentSince: at,
        isOrphaned: true,
      });
      if (number > 0) continue;
      kit.listeners.push({ port: port.first, address: '::1', pid });
      const holder = { name: 'x'.repeat(64), user: 'x'.repeat(64), clientId: null, isReleasable: false };
      for (const address of ['127.0.0.1', memberAddress])
        kit.listeners.push({ port: port.first, address, pid: 4_194_304, holder });
    }
  }
  const time = new Date(kit.appliance.now()).toISOString();
  const lines = Array.from({ length: 200 }, (_, index) => {
    const said = `Failed publickey for ${connectUser} from ${peerAddress} port 65535 ssh2: ED25519 ${fingerprintOf(`stranger ${index}`)}`;
    return `${time} kiln sshd[1]: ${said}`.padEnd(2_300, ' x');
  });
  await writeFile(syslog, `${lines.join('\n')}\n`);
}
