import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { Tenant } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { aConnectedTenant } from '../../../test-support/aTenant.ts';
import { noPolicy } from '../../../test-support/noPolicy.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { openStore } from '../../store/store.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { createProber } from './prober.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function openProber(options: {
  tenants: () => readonly Tenant[];
  forwardOut: (host: string, port: number) => Promise<Duplex>;
}) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-prober-'));
  const store = openStore({ folder });
  const prober = createProber({
    store,
    policy: noPolicy,
    tenants: options.tenants,
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
        algorithms: { kex: 'k', hostKey: 'h', cipher: 'c', mac: 'm', weak: [] },
      }),
      onRemoved: () => () => undefined,
      of: () => ({
        entry: { name: 'kiln' },
        session: {
          forwardOut: options.forwardOut,
        },
      }),
    },
    reconnectedAt: () => null,
    clock: Date.now,
    log: pino({ level: 'silent' }),
  });
  ends.push(() => {
    prober.close();
    store.close();
    rmSync(folder, { recursive: true });
  });
  return prober;
}

test('when a tunnel has a new session, a request does not get the earlier session’s result', async () => {
  const opened: number[] = [];
  let tenants: readonly Tenant[] = [aConnectedTenant('acme', [2200])];
  const prober = openProber({
    tenants: () => tenants,
    forwardOut: (_, port) => {
      opened.push(port);
      return Promise.withResolvers<never>().promise;
    },
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
  // The second request joined the probe of the first. The third opened a connection, because the session is a
  // new one.
  expect(opened).toEqual([2200, 2200]);
});

test('when the console stops, does not start waiting probes', async () => {
  const ports = Array.from({ length: 150 }, (_, index) => 2200 + index);
  const answers: (() => void)[] = [];
  const prober = openProber({
    tenants: () => [aConnectedTenant('acme', ports)],
    forwardOut: () => {
      const { promise, reject } = Promise.withResolvers<never>();
      answers.push(() => reject(new AppError('LINK_LOST', 'gone')));
      return promise;
    },
  });
  const probing = prober.probe({ applianceId: 'kiln', clientId: null, port: null });
  await waitFor('as many as may be are asked', () => answers.length >= 32);
  const asked = answers.length;
  expect(asked).toBeLessThan(ports.length);
  prober.close();
  for (const answer of answers) answer();
  await probing.catch(() => null);
  expect(answers.length).toBe(asked);
});

test('when the console stops, does not probe a tunnel a second time', async () => {
  let opened = 0;
  const prober = openProber({
    tenants: () => [aConnectedTenant('acme', [2200])],
    forwardOut: () => {
      opened += 1;
      const mute = new Duplex({
        read: () => undefined,
        // The console stops at the first request, and then the service closes the connection.
        write: (_chunk, _encoding, done) => {
          prober.close();
          done();
          mute.push(null);
        },
      });
      return Promise.resolve(mute);
    },
  });
  expect(await prober.probe({ applianceId: 'kiln', clientId: null, port: null })).toMatchObject({ ok: 0 });
  expect(opened).toBe(1);
});

test('sends large packets only on request, to one tunnel of a session at a time', async () => {
  const sizes: number[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    sizes.push(request.headers['x-padding']?.length ?? 0);
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    setImmediate(() => {
      atOnce -= 1;
      response.writeHead(200, { dav: '1' }).end();
    });
  }).listen(0, '127.0.0.1');
  ends.push(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const tenant = aConnectedTenant('acme', [2200, 2201, 2202]);
  const forwards = tenant.forwards.map((forward) => ({ ...forward, uri: 'webdav+http://a.lan:80/' }));
  const prober = openProber({
    tenants: () => [{ ...tenant, forwards }],
    forwardOut: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
  });
  const all = { applianceId: 'kiln', clientId: null, port: null };
  expect(await prober.probe(all)).toMatchObject({ probed: 3, ok: 3 });
  expect(sizes).toEqual([0, 0, 0]);
  mostAtOnce = 0;
  expect(await prober.probe({ ...all, isLarge: true })).toMatchObject({ probed: 3, ok: 3 });
  expect(sizes.slice(3)).toEqual([0, 4000, 0, 4000, 0, 4000]);
  expect(mostAtOnce).toBe(1);
  expect(await prober.probe(all)).toMatchObject({ probed: 3, ok: 3 });
  expect(sizes.slice(9)).toEqual([0, 0, 0]);
});
