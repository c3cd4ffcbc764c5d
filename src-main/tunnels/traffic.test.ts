import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { createLocalTransport } from '../../test-support/localTransport.ts';
import { createLoopbackServers } from '../../test-support/loopbackServers.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createServices } from '../services.ts';
import { createTraffic } from './traffic.ts';

/** A console whose appliance is this computer: its commands run as real processes here. */
function openConsole(environment: NodeJS.ProcessEnv = process.env) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-traffic-'));
  const services = createServices({
    dataFolder: folder,
    host: 'web',
    operator: 'ada',
    transport: createLocalTransport({ environment }),
    knownHostsFiles: [],
    policyFiles: [],
  });
  onTestFinished(async () => {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { inventory, links } = services;
  const { id: applianceId } = inventory.add(anInput('kiln'), []);
  const measure = (tenants: readonly Tenant[], clientId = 'acme') =>
    createTraffic({
      inventory,
      links,
      readTenants: () => Promise.resolve({ networks: { tenants } }),
      clock: () => Date.parse('2026-11-20T09:00:00.000Z'),
    }).measure({ applianceId, clientId });
  return { measure };
}

/** A port whose server answers each connection with 5,000 bytes. */
async function startPort() {
  const servers = createLoopbackServers();
  onTestFinished(servers.close);
  const accepted: Socket[] = [];
  const sumRead = () => accepted.reduce((total, { bytesRead }) => total + bytesRead, 0);
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.resume();
    socket.write(Buffer.alloc(5000));
  });
  const port = await servers.serve(server);
  return {
    port,
    /** Opens a connection that sends these bytes. */
    open: async (bytes: number) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(Buffer.alloc(bytes));
      let received = 0;
      socket.on('data', (chunk) => (received += chunk.length));
      const before = sumRead();
      await waitFor('all has passed', () => received === 5000 && sumRead() >= before + bytes);
      return socket;
    },
  };
}

test('when connections are open, their bytes are counted by the kernel; once they end, they are forgotten', async () => {
  const { measure } = openConsole();
  const { port, open } = await startPort();
  const tenant = aConnectedTenant('acme', [port]);
  expect(await measure([tenant])).toMatchObject({
    measuredAt: '2026-11-20T09:00:00.000Z',
    ports: [{ port, connections: 0, toSiteBytes: 0, fromSiteBytes: 0 }],
  });
  const [first, second] = [await open(1200), await open(34)];
  expect((await measure([tenant])).ports).toEqual([
    { port, connections: 2, toSiteBytes: 1234, fromSiteBytes: 10_000 },
  ]);
  first.destroy();
  await waitFor('it has ended', async () => (await measure([tenant])).ports[0]?.connections === 1);
  expect((await measure([tenant])).ports).toMatchObject([{ toSiteBytes: 34, fromSiteBytes: 5000 }]);
  second.destroy();
});

test('when a tenant is unknown or has no session, says so without running a command', async () => {
  const { measure } = openConsole({ PATH: '/nowhere' });
  await expect(measure([aTenant('acme')], 'globex')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await measure([aTenant('acme')])).toMatchObject({ ports: [], sessions: [] });
});

test('when the appliance has no ss, rejects with COMMAND_MISSING', async () => {
  const programs = mkdtempSync(join(tmpdir(), 'sallyport-programs-'));
  onTestFinished(() => rmSync(programs, { recursive: true }));
  for (const path of ['/usr/bin/env', '/bin/sh']) symlinkSync(path, join(programs, basename(path)));
  const { measure } = openConsole({ PATH: programs });
  await expect(measure([aConnectedTenant('acme', [2200])])).rejects.toMatchObject({
    code: 'COMMAND_MISSING',
    message: expect.stringContaining('iproute2'),
  });
});
