import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startKitAppliance, type KitAppliance } from '../../test-support/kitAppliance.ts';
import { tenantsPath } from '../core/tenants/authorization.ts';
import { createForwardLog } from './forwardLog.ts';

let kit: KitAppliance;
let port: number;
/** Ports that neither the kernel nor other tests choose automatically. */
const firstPorts = { first: 10_000, last: 32_000 };
const portCount = 20;
let servers: Server[] = [];
let asked: string[] = [];
const announced = new Map<number, Set<string>>();

async function listen(at: number): Promise<void> {
  const server = createServer().listen(at, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
}

async function close(): Promise<void> {
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    await closed;
  }
}

/** A forward log for which this test process takes the part of sshd. Tenant acme has the only port. */
function openLog() {
  const lines: string[] = [];
  const log = createForwardLog({
    config: { ...kit.config, portRange: { first: port, last: port + portCount - 1 } },
    connectUserId: process.getuid?.() ?? 0,
    channels: {
      destinations: (clientId) => {
        asked.push(clientId);
        return { announced, isExpected: false };
      },
    },
    log: (_severity, message) => lines.push(message),
  });
  return { check: log.check, lines };
}
const line = (what: string, destination = 'not announced') =>
  `forward ${what}: tenant acme, port ${port}, to ${destination}`;

beforeEach(async () => {
  kit = await startKitAppliance();
  await mkdir(join(kit.config.runFolder, 'service'));
  await kit.ke(['ke_manage_remote_networks', 'add', 'acme']);
  asked = [];
  port = randomInt(firstPorts.first, firstPorts.last);
  await listen(port);
  const path = tenantsPath(kit.config.stateFolder);
  const state = await readFile(path, 'utf8');
  const ports = /"first": *2200,\s*"last": *2219/u;
  if (!ports.test(state)) throw new Error('the tenant has other ports');
  await writeFile(path, state.replace(ports, `"first": ${port}, "last": ${port + portCount - 1}`));
});
afterEach(async () => {
  announced.clear();
  await close();
  await kit.stop();
});

it('when a forward is never announced, logs it at the second check, and its end', async () => {
  const { check, lines } = openLog();
  await check();
  expect(lines).toEqual([]);
  await check();
  expect(lines).toEqual([line('opened')]);
  await close();
  await check();
  expect(lines).toEqual([line('opened'), line('closed')]);
});

it('when a forward is closed at the second check, logs that it opened and closed', async () => {
  const { check, lines } = openLog();
  await check();
  await close();
  await check();
  await check();
  expect(lines).toEqual([line('opened'), line('closed')]);
});

it('when a forward is announced after the first check, logs only its destination', async () => {
  const { check, lines } = openLog();
  await check();
  announced.set(port, new Set(['smb://nas:445 (office/files)']));
  await check();
  await check();
  expect(lines).toEqual([line('opened', 'smb://nas:445 (office/files)')]);
});

it('when another socket listens on the port, logs the end of the old forward and the start of the new', async () => {
  announced.set(port, new Set(['smb://nas:445 (office/files)']));
  const { check, lines } = openLog();
  await check();
  await close();
  await listen(port);
  await check();
  const destination = 'smb://nas:445 (office/files)';
  expect(lines).toEqual([
    line('opened', destination),
    line('closed', destination),
    line('opened', destination),
  ]);
});

it('when the service is restarted, logs only forwards with new sockets', async () => {
  announced.set(port, new Set(['smb://nas:445 (office/files)']));
  await openLog().check();
  const same = openLog();
  await same.check();
  expect(same.lines).toEqual([]);
  await close();
  await listen(port);
  const other = openLog();
  await other.check();
  expect(other.lines).toHaveLength(2);
});

it('when a tenant has many ports, reads their destinations once per check', async () => {
  const { check, lines } = openLog();
  for (let at = port + 1; at < port + portCount; at += 1) await listen(at);
  await check();
  await check();
  expect(lines).toHaveLength(portCount);
  expect(asked).toEqual(['acme', 'acme']);
});

it('when a second session announces another destination for an open port, keeps the first', async () => {
  const first = 'smb://nas:445 (office/files)';
  announced.set(port, new Set([first]));
  const { check, lines } = openLog();
  await check();
  announced.set(port, new Set(['smb://other:445 (plant/files)', first]));
  await check();
  announced.set(port, new Set([first]));
  await check();
  expect(lines).toEqual([line('opened', first)]);
});

it('when two sessions announced the port before it opened, logs both destinations', async () => {
  announced.set(port, new Set(['smb://a:445 (x/a)', 'smb://b:445 (x/b)']));
  const { check, lines } = openLog();
  await check();
  expect(lines).toEqual([line('opened', 'smb://a:445 (x/a) or smb://b:445 (x/b)')]);
});
