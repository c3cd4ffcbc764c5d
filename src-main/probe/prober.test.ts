import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { Tenant } from '../../src-shared/model/remoteNetworks.ts';
import { aConnectedTenant } from '../../test-support/portsFixture.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { openStore } from '../store/store.ts';
import { createProber } from './prober.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

test('whoever asks for a tunnel of a new session is not given what is on its way through the earlier one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-prober-'));
  const store = openStore({ folder });
  const opened: number[] = [];
  let tenants: readonly Tenant[] = [aConnectedTenant('acme', [2200])];
  const prober = createProber({
    store,
    tenants: () => tenants,
    observe: () => Promise.resolve(),
    applianceIds: () => ['kiln'],
    audit: { act: (_, work) => Promise.resolve(work()) },
    links: {
      state: () => ({
        state: 'connected',
        since: '2026-11-20T09:00:00.000Z',
        latencyMs: 1,
        lastHeardAt: '2026-11-20T09:00:00.000Z',
        serverSoftware: 's',
        algorithms: { kex: 'k', hostKey: 'h', cipher: 'c' },
      }),
      onRemoved: () => () => undefined,
      of: () => ({
        entry: { name: 'kiln' },
        session: {
          forwardOut: (_, port) => {
            opened.push(port);
            return Promise.withResolvers<never>().promise;
          },
        },
      }),
    },
    clock: Date.now,
    log: pino({ level: 'silent' }),
  });
  ends.push(() => {
    prober.close();
    store.close();
    rmSync(folder, { recursive: true });
  });
  const ask = () => void prober.probe({ applianceId: 'kiln', clientId: null, port: null });
  ask();
  await waitFor('the first is asked', () => opened.length === 1);
  ask();
  tenants = tenants.map((tenant) => ({
    ...tenant,
    sessions: tenant.sessions.map((session) => ({ ...session, pid: 9 })),
    forwards: tenant.forwards.map((forward) => ({ ...forward, sessionPid: 9 })),
  }));
  ask();
  await waitFor('the new one is asked, too', () => opened.length > 1);
  // The second who asked for the first shares its answer.
  expect(opened).toEqual([2200, 2200]);
});
