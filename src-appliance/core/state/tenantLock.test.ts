import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAppliance } from '../appliance.ts';
import { applianceConfigSchema } from '../config.ts';
import type { ObservedSession, SessionSelection } from '../procfs/runtime.ts';
import { loadSessionEnd } from '../sessions/sessionRecords.ts';
import { endSessions } from './tenantLock.ts';

const session = (key: string, first: number, peerAddress: string): ObservedSession => ({
  clientId: 'acme',
  startTicks: 1,
  pid: first,
  kind: 'plain',
  peerAddress,
  peerPort: 4711,
  since: '2026-11-20T10:00:00.000Z',
  keyFingerprint: key,
  connectVersion: null,
  lastHeartbeatAt: null,
  silentSince: null,
  permittedPorts: [{ first, last: first + 9 }],
});

it('when a session ends, stores its address and not that of a session that stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tenant-lock-'));
  for (const name of ['endings', 'command-endings']) await mkdir(join(folder, name));
  const sessions = [session('SHA256:new', 2200, '10.0.0.1'), session('SHA256:old', 2210, '10.0.0.2')];
  const config = applianceConfigSchema.parse({
    applianceId: randomUUID(),
    applianceVersion: '1.14.4',
    stateFolder: folder,
    runFolder: folder,
    connectUser: 'connect',
    syslog: join(folder, 'syslog'),
    authorityKeys: join(folder, 'keys'),
  });
  const appliance = createAppliance({
    config,
    log: async () => undefined,
    runtime: {
      observe: async () => ({ sessions, listeners: [] }),
      endSessions: async () => 1,
      endListener: async () => false,
      services: async () => [],
      sshdVersion: async () => null,
      findRefusingShell: async () => null,
      findForwardingOff: async () => null,
    },
  });
  const ending = async (which: Omit<SessionSelection, 'clientId'>) => {
    await endSessions(appliance, { which: { clientId: 'acme', ...which }, reason: 'ended' });
    return (await loadSessionEnd({ runFolder: folder, clientId: 'acme' }))?.peerAddress;
  };
  expect(await ending({})).toBe('10.0.0.1');
  expect(await ending({ keepFingerprints: ['SHA256:new'] })).toBe('10.0.0.2');
  expect(await ending({ beyondPorts: [{ first: 2200, last: 2209 }] })).toBe('10.0.0.2');
  await rm(folder, { recursive: true });
});
