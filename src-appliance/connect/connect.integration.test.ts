import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  remoteNetworksSchema,
  tenantChangeSchema,
  type Tenant,
} from '../../src-shared/model/remoteNetworks.ts';
import { startDebianAppliance, type DebianAppliance } from '../../test-support/debianSshd.ts';
import { ask, startShoutingService } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const command = 'ke_manage_remote_networks';
const clientId = 'northwind';
let appliance: DebianAppliance;
let service: Awaited<ReturnType<typeof startShoutingService>>;
let folder = '';
let ports: number[] = [];
let turn = 0;
const running: ChildProcess[] = [];

type Connect = { process: ChildProcess; said: () => string; ended: Promise<number | null> };

beforeAll(async () => {
  appliance = await startDebianAppliance({ config: { portRange: { first: 4900, last: 4999 } } });
  service = await startShoutingService();
});
afterAll(async () => {
  await service.stop();
  await appliance.stop();
});

beforeEach(async () => {
  turn += 1;
  folder = join(appliance.folder, `site-${turn}`);
  await mkdir(folder);
  const added = await appliance.ke([command, 'add', clientId, '--json']);
  const { privateKey, ports: ranges } = tenantChangeSchema.parse(JSON.parse(added.stdout));
  const first = ranges[0]?.first ?? 0;
  ports = [first, first + 1, first + 2];
  await writeFile(join(folder, 'key'), privateKey ?? '', { mode: 0o600 });
});
afterEach(async () => {
  for (const one of running.splice(0)) one.kill('SIGKILL');
  await appliance.ke([command, 'remove', clientId]);
});

/** Writes connect.yaml with one repository a name, all leading to the same service. */
function configure(repositories: readonly string[], more: Record<string, string> = {}): Promise<void> {
  const lines = [
    `appliance: "${appliance.host}:${appliance.port}"`,
    'ssh_key: key',
    ...Object.entries(more).map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
    'repositories:',
    '  plant:',
    ...repositories.map((name) => `    ${name}: "webdav+http://service.localhost:${service.port}/"`),
  ];
  return writeFile(join(folder, 'connect.yaml'), lines.join('\n'));
}

/** Starts Connect as it is shipped: the bundle. */
function startConnect(...argv: string[]): Connect {
  const program = join(appliance.folder, 'bundle', 'connect.mjs');
  const options = argv.length > 0 ? argv : ['start', '--config', join(folder, 'connect.yaml')];
  const child = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { process: child, said: () => said, ended };
}

async function tenant(): Promise<Tenant> {
  const { stdout } = await appliance.ke([command, 'list', clientId, '--json']);
  const [found] = remoteNetworksSchema.parse(JSON.parse(stdout)).tenants;
  if (found === undefined) throw new Error('the tenant is not listed');
  return found;
}
const names = async (): Promise<string[]> =>
  (await tenant()).forwards.map(
    (one) => `${one.port} ${one.repository ?? 'nobody'} ${one.listener === null ? 'off' : 'on'}`,
  );
const expected = (repositories: readonly string[]): string[] =>
  repositories.map((name, index) => `${ports[index] ?? 0} ${name} on`);
const untilOn = (repositories: readonly string[], timeoutMs?: number): Promise<void> =>
  waitFor(
    `forwards of ${repositories.join(', ')}`,
    async () => JSON.stringify(await names()) === JSON.stringify(expected(repositories)),
    timeoutMs,
  );
const flows = async (port: number): Promise<boolean> => (await ask(port, 'hello')) === 'HELLO';

async function shout(socket: Socket, word: string): Promise<string> {
  socket.write(word);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

describe("Connect behind Debian's sshd", () => {
  it('opens and announces its forwards in order of name, and carries traffic', async () => {
    await configure(['west', 'east']);
    const connected = startConnect();
    await untilOn(['east', 'west']);
    expect((await tenant()).sessions).toMatchObject([
      { kind: 'connect', connectVersion: '1.0.3', silentSince: null },
    ]);
    expect(await Promise.all(ports.slice(0, 2).map(flows))).toStrictEqual([true, true]);
    connected.process.kill('SIGTERM');
    expect(await connected.ended).toBe(0);
    await waitFor('the session is gone', async () => (await tenant()).sessions.length === 0);
    expect(await flows(ports[0] ?? 0)).toBe(false);
    const known = await readFile(join(folder, 'connect.host_keys'), 'utf8');
    expect(known).toBe(`127.0.0.1:${appliance.port} ${appliance.hostKey().fingerprint}\n`);
  });

  it('reloads without dropping what stays', async () => {
    await configure(['east', 'west']);
    const connected = startConnect();
    await untilOn(['east', 'west']);
    const socket = connect({ host: '127.0.0.1', port: ports[1] ?? 0 });
    expect(await shout(socket, 'before')).toBe('BEFORE');
    // `middle` sorts between them and must still not move `west`; `east` goes.
    await configure(['middle', 'west']);
    connected.process.kill('SIGHUP');
    await untilOn(['middle', 'west']);
    expect(await shout(socket, 'after')).toBe('AFTER');
    await writeFile(join(folder, 'connect.yaml'), 'appliance: nothing');
    connected.process.kill('SIGHUP');
    await waitFor('the refusal', () => connected.said().includes('reload failed, nothing changed'));
    expect(await shout(socket, 'still')).toBe('STILL');
    socket.destroy();
  });

  it('says that it is refused while suspended, and comes back by itself', async () => {
    await configure(['east']);
    const connected = startConnect();
    await untilOn(['east']);
    await appliance.ke([command, 'change', '0', clientId]);
    await waitFor('the refusal', () => connected.said().includes('permission denied'));
    expect((await tenant()).sessions).toStrictEqual([]);
    await appliance.ke([command, 'change', '20', clientId]);
    await untilOn(['east'], 40_000);
    expect(await flows(ports[0] ?? 0)).toBe(true);
  });

  it('logs in anew when its allotment grew', async () => {
    await appliance.ke([command, 'change', '1', clientId]);
    await configure(['east', 'west']);
    const connected = startConnect();
    await untilOn(['east']);
    expect(connected.said()).toContain('no port is left for plant/west');
    await appliance.ke([command, 'change', '2', clientId]);
    await untilOn(['east', 'west']);
    expect(connected.said()).toContain('the allotment grew');
  });

  it('keeps its tunnels when its log takes no line, and opens the log anew when told', async () => {
    const log = join(folder, 'connect.log');
    await configure(['east']);
    await symlink('/dev/full', log);
    const connected = startConnect('start', '--config', join(folder, 'connect.yaml'), '--log-file', log);
    await untilOn(['east']);
    await unlink(log);
    connected.process.kill('SIGHUP');
    await waitFor('the new log has a line', async () =>
      (await readFile(log, 'utf8').catch(() => '')).includes('configuration read anew'),
    );
    expect(await flows(ports[0] ?? 0)).toBe(true);
    expect(connected.process.exitCode).toBeNull();
  });

  it('survives a restart of sshd', async () => {
    await configure(['east']);
    startConnect();
    await untilOn(['east']);
    await appliance.restartSshd();
    await untilOn(['east'], 40_000);
    expect(await flows(ports[0] ?? 0)).toBe(true);
  });

  it('sends nothing to an appliance whose host key is another', async () => {
    const pinned = `SHA256:${'A'.repeat(43)}`;
    await configure(['east'], { host_key: pinned });
    const connected = startConnect();
    expect(await connected.ended).toBe(7);
    expect(connected.said()).toContain(`offered ${appliance.hostKey().fingerprint}, known ${pinned}`);
    expect((await tenant()).sessions).toStrictEqual([]);
  });

  it('remembers the host key of the first contact', async () => {
    await configure(['east']);
    const first = startConnect();
    await untilOn(['east']);
    first.process.kill('SIGTERM');
    await first.ended;
    await appliance.rotateHostKey();
    const second = startConnect();
    expect(await second.ended).toBe(7);
    expect(second.said()).toContain('the host key of');
  });

  it('refuses a key that others may read, a wrong configuration and unknown words', async () => {
    await configure(['east']);
    await chmod(join(folder, 'key'), 0o644);
    const open = startConnect();
    expect([await open.ended, open.said().trim().split('\n').length]).toStrictEqual([2, 1]);
    expect(open.said()).toContain('others may read the private key');
    await chmod(join(folder, 'key'), 0o600);
    await configure(['east'], { bind_address: 'here' });
    const wrong = startConnect();
    expect([await wrong.ended, wrong.said()]).toStrictEqual([
      2,
      'connect: connect.yaml line 3: bind_address: must be an IP address\n',
    ]);
    const usage = startConnect('begin');
    expect([await usage.ended, usage.said().startsWith('connect: usage: ')]).toStrictEqual([2, true]);
  });
});
