import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remoteNetworksSchema } from '../../../src-shared/model/tenants/remoteNetworks.ts';
import { runNamedCommand } from '../../commands/keCommands.ts';
import { createAppliance } from '../appliance.ts';
import { applianceConfigSchema } from '../config.ts';
import { createProcfsRuntime } from '../procfs/procfsRuntime.ts';
import { createProcessLock } from '../state/stateLock.ts';
import { saveState } from '../state/tenantState.ts';

/*
 * The largest appliance: 150 tenants with 20 forwards each, as files of state, records, /proc and syslog. So
 * the test can measure listing without 450 processes.
 */
const tenantCount = 150;
const forwardsEach = 20;
const firstMonitor = 10_000;
let folder: string;

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
const loopback = '0100007F';

function socketLine(socket: {
  index: number;
  local: string;
  remote: string;
  state: string;
  inode: number;
}): string {
  const { index, local, remote, state, inode } = socket;
  return `${index}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;
}

async function addProcess(
  procFolder: string,
  one: { pid: number; parent: number; name: string; user: number; inodes: readonly number[] },
): Promise<void> {
  const own = join(procFolder, `${one.pid}`);
  await mkdir(join(own, 'fd'), { recursive: true });
  await writeFile(
    join(own, 'stat'),
    `${one.pid} (${one.name}) S ${one.parent} ${'0 '.repeat(17)}${one.pid} 0 0\n`,
  );
  await writeFile(
    join(own, 'status'),
    `Name:\t${one.name}\nUid:\t${one.user}\t${one.user}\t${one.user}\t${one.user}\n`,
  );
  for (const [index, inode] of one.inodes.entries())
    await symlink(`socket:[${inode}]`, join(own, 'fd', `${index + 3}`));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-appliance-'));
  const procFolder = join(folder, 'proc');
  const user = Number(/^nobody:[^:]*:(\d+)/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1] ?? Number.NaN);
  for (const name of [
    'state',
    'run/auth',
    'run/sessions',
    'run/announcements',
    'run/endings',
    'run/command-endings',
    'proc/net',
  ])
    await mkdir(join(folder, name), { recursive: true });
  const at = new Date().toISOString();
  const tenants = [];
  const sockets = ['  sl  local_address rem_address   st'];
  for (let index = 0; index < tenantCount; index += 1) {
    const clientId = `tenant-${index}`;
    const first = 2200 + index * forwardsEach;
    const ports = [{ first, last: first + forwardsEach - 1 }];
    const fingerprint = `SHA256:${randomBytes(32).toString('base64').slice(0, 43)}`;
    const key = { type: 'ssh-ed25519', blob: randomBytes(51).toString('base64'), fingerprint, addedAt: at };
    tenants.push({
      clientId,
      quota: forwardsEach,
      suspended: false,
      ports,
      keys: [{ ...key, expiresAt: null, whileRunning: null }],
      createdAt: at,
      changedAt: at,
    });
    const monitor = firstMonitor + index * 10;
    const inode = 1_000_000 + index * 100;
    const listening = Array.from({ length: forwardsEach }, (_, port) => inode + 1 + port);
    await addProcess(procFolder, { pid: monitor, parent: 1, name: 'sshd', user: 0, inodes: [inode] });
    await addProcess(procFolder, {
      pid: monitor + 1,
      parent: monitor,
      name: 'sshd',
      user,
      inodes: [inode, ...listening],
    });
    await addProcess(procFolder, { pid: monitor + 2, parent: monitor + 1, name: 'node', user, inodes: [] });
    const place = {
      index: sockets.length,
      local: `${loopback}:0016`,
      remote: `${loopback}:${hex(40_000 + index, 4)}`,
    };
    sockets.push(socketLine({ ...place, state: '01', inode }));
    for (const [port, own] of listening.entries())
      sockets.push(
        socketLine({
          index: sockets.length,
          local: `${loopback}:${hex(first + port, 4)}`,
          remote: '00000000:0000',
          state: '0A',
          inode: own,
        }),
      );
    const record = { monitorPid: monitor, monitorStartTicks: monitor, clientId, fingerprint, ports, at };
    await writeFile(join(folder, 'run/auth', `${monitor}.json`), JSON.stringify(record));
    const registrar = {
      sessionPid: monitor + 1,
      sessionStartTicks: monitor + 1,
      connectVersion: '1.1.0',
      lastHeartbeatAt: at,
    };
    await writeFile(join(folder, 'run/sessions', `${monitor + 1}.json`), JSON.stringify(registrar));
    const forwards = listening.map((_, port) => ({
      port: first + port,
      group: 'office',
      repository: `files-${port}`,
      uri: `webdav+https://files-${port}.customer.example:443/documents`,
    }));
    await writeFile(
      join(folder, 'run/announcements', `${clientId}.json`),
      JSON.stringify({ announcedAt: new Date(Date.now() + 1).toISOString(), forwards }),
    );
  }
  await writeFile(join(procFolder, 'net/tcp'), `${sockets.join('\n')}\n`);
  await saveState(join(folder, 'state'), { tenants, formerKeys: [] });
  const line = (index: number) =>
    `${at} quay sshd[${index}]: Failed publickey for nobody from 10.0.0.${index % 250} port ${index} ssh2: ED25519 SHA256:${'a'.repeat(43)}\n`;
  await writeFile(join(folder, 'syslog'), Array.from({ length: 5000 }, (_, index) => line(index)).join(''));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the list of the largest appliance', () => {
  it('takes little CPU time', async () => {
    const config = applianceConfigSchema.parse({
      applianceId: randomUUID(),
      applianceVersion: '1.14.4',
      stateFolder: join(folder, 'state'),
      runFolder: join(folder, 'run'),
      connectUser: 'nobody',
      syslog: join(folder, 'syslog'),
      authorityKeys: join(folder, 'keys'),
    });
    const appliance = createAppliance({
      config,
      runtime: createProcfsRuntime({ config, now: Date.now, procFolder: join(folder, 'proc') }),
      log: async () => undefined,
      lock: createProcessLock(),
    });
    let printed = '';
    const stdout = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        printed += chunk.toString();
        done();
      },
    });
    const list = () =>
      runNamedCommand({
        argv: ['ke_manage_remote_networks', 'list', '--json'],
        appliance,
        stdin: Readable.from([]),
        stdout,
        stderr: stdout,
      });
    const before = process.cpuUsage();
    expect(await list()).toBe(0);
    const { user, system } = process.cpuUsage(before);
    const { tenants, refusedLogIns } = remoteNetworksSchema.parse(JSON.parse(printed));
    expect(tenants).toHaveLength(tenantCount);
    const carried = tenants.flatMap((tenant) =>
      tenant.forwards.filter(
        (forward) => forward.uri !== null && forward.sessionPid === tenant.sessions[0]?.pid,
      ),
    );
    expect(carried).toHaveLength(tenantCount * forwardsEach);
    expect(refusedLogIns).toHaveLength(50);
    // Ten times the usual CPU time in seconds.
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
