import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnectSite, type ConnectSite } from '../../test-support/connectSite.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { startShoutingService } from '../../test-support/tenantClient.ts';
import { waitFor } from '../../test-support/waitFor.ts';

const run = promisify(execFile);
const command = 'ke_manage_remote_networks';
const clientId = 'fabrikam';
let appliance: StockBox;
let service: Awaited<ReturnType<typeof startShoutingService>>;
let site: ConnectSite;
let socket = '';

beforeAll(async () => {
  appliance = await startStockBox();
  service = await startShoutingService();
});
afterAll(async () => {
  await service.stop();
  await appliance.stop();
});
beforeEach(async () => {
  site = await createConnectSite(appliance, { clientId, upstreamPort: service.port });
  socket = join(site.folder, 'control.sock');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await site.clear();
});

const runInProcess = (...options: string[]) =>
  site.connect('start', '--config', site.config, '--socket', socket, ...options);
/** Runs a `connect` command and returns its exit code and output. */
async function tell(...argv: string[]): Promise<{ code: number | null; said: string }> {
  const told = site.connect(...argv, '--socket', socket);
  return { code: await told.ended, said: told.output() };
}
const untilConnected = (): Promise<void> =>
  waitFor('status says connected', async () => (await tell('status')).code === 0);

describe('the local socket of Connect', () => {
  it('shows the health as text and as JSON', async () => {
    await site.configure(['east', 'west']);
    expect(await tell('status')).toStrictEqual({
      code: 3,
      said: `connect: no Connect is running on the socket ${socket}\n`,
    });
    runInProcess();
    await site.waitUntilForwarded(['east', 'west']);
    await untilConnected();
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    const [first = 0, second = 0] = site.ports;
    const through = appliance.connect(first);
    through.write('hello');
    await once(through, 'data');
    const health: unknown = JSON.parse((await tell('status', '--json')).said);
    const uri = `webdav+http://service.localhost:${service.port}/`;
    const common = { group: 'plant', uri, bound: true, lastUpstreamError: null };
    expect(health).toMatchObject({
      version: '1.0.3',
      state: 'connected',
      appliance: `${appliance.host}:${appliance.port}`,
      clientId,
      ports: [{ first, last: first + 19 }],
      forwards: [
        { ...common, port: first, repository: 'east', connections: 1 },
        { ...common, port: second, repository: 'west', connections: 0 },
      ],
      unplaced: [],
      lastError: null,
      nextAttemptAt: null,
    });
    through.destroy();
    const text = (await tell('status')).said;
    expect(text).toContain(`connected since `);
    expect(text).toContain(`  ${second} open   plant/west ${uri}`);
  });

  it('when no socket is given, uses SALLYPORT_CONNECT_SOCKET', async () => {
    await site.configure(['east']);
    vi.stubEnv('SALLYPORT_CONNECT_SOCKET', socket);
    site.connect('start', '--config', site.config);
    await waitFor('status says connected', async () => (await site.connect('status').ended) === 0);
    expect((await stat(socket)).isSocket()).toBe(true);
    vi.unstubAllEnvs();
    expect(await site.connect('status', '--config', site.config).ended).toBe(3);
    expect((await tell('status')).code).toBe(0);
  });

  it('when `stop` returns, the socket and the session are gone', async () => {
    await site.configure(['east']);
    const connected = runInProcess();
    await untilConnected();
    expect(await tell('stop')).toStrictEqual({ code: 0, said: '' });
    expect(await connected.ended).toBe(0);
    await expect(stat(socket)).rejects.toThrow('ENOENT');
    await waitFor('the session is gone', async () => (await site.tenant()).sessions.length === 0);
  });

  it('when it reloads, keeps connections of unchanged forwards and ends others; for an invalid file, changes nothing', async () => {
    await site.configure(['east', 'west']);
    const connected = runInProcess();
    await site.waitUntilForwarded(['east', 'west']);
    const removed = appliance.connect(site.ports[0] ?? 0);
    removed.write('hello');
    await once(removed, 'data');
    const isClosed = once(removed.resume(), 'end');
    const kept = appliance.connect(site.ports[1] ?? 0);
    const shout = async (word: string): Promise<string> => {
      kept.write(word);
      const [answer] = await once(kept, 'data');
      return String(answer);
    };
    expect(await shout('before')).toBe('BEFORE');
    await site.configure(['middle', 'west', 'zone']);
    expect(await tell('reload')).toStrictEqual({ code: 0, said: '' });
    // Don't wait here: `reload` must not return before the appliance listens.
    expect(await appliance.ask(site.ports[3] ?? 0, 'hello')).toBe('HELLO');
    // New repositories get new ports, so that no port leads elsewhere than before.
    await site.waitUntilForwarded([null, 'west', 'middle', 'zone']);
    await isClosed;
    await waitFor('it says what it closed', () =>
      /closed the open connections \(1\) of \d+ → plant\/east .*no longer/u.test(connected.output()),
    );
    expect(await shout('after')).toBe('AFTER');
    await writeFile(site.config, 'appliance: nothing');
    const refused = await tell('reload');
    expect([refused.code, refused.said.split('\n').length]).toStrictEqual([1, 2]);
    expect(refused.said).toContain('connect: nothing changed: connect.yaml: error C-1104: ssh_key');
    expect(await shout('still')).toBe('STILL');
    kept.destroy();
  });

  it('runs only once, and replaces the socket that a killed Connect left', async () => {
    await site.configure(['east']);
    const first = runInProcess();
    await untilConnected();
    const second = runInProcess();
    expect([await second.ended, second.output()]).toStrictEqual([
      3,
      `connect: a Connect is already running on the socket ${socket}\n`,
    ]);
    expect(first.process.exitCode).toBeNull();
    first.process.kill('SIGKILL');
    await first.ended;
    expect((await stat(socket)).isSocket()).toBe(true);
    expect((await tell('status')).code).toBe(3);
    const rivals = [runInProcess(), runInProcess()];
    await untilConnected();
    expect(await Promise.race(rivals.map((one) => one.ended))).toBe(3);
    expect(rivals.filter((one) => one.process.exitCode === null)).toHaveLength(1);
  });

  it('when the path is a file and no socket, leaves the file unchanged', async () => {
    await site.configure(['east']);
    await writeFile(socket, 'precious');
    const refused = runInProcess();
    expect([await refused.ended, refused.output()]).toStrictEqual([
      2,
      `connect: ${socket} exists and is not a socket; nothing was removed\n`,
    ]);
    expect(await readFile(socket, 'utf8')).toBe('precious');
  });

  it('when sshd is down, says that it waits for the appliance, and reconnects later', async () => {
    await site.configure(['east']);
    runInProcess();
    await untilConnected();
    await appliance.stopSshd();
    await waitFor('the refusal', async () => (await tell('status')).said.includes('ECONNREFUSED'));
    expect((await tell('status')).code).toBe(8);
    await appliance.startSshd();
    await waitFor('connected again', async () => (await tell('status')).code === 0);
    await site.waitUntilForwarded(['east']);
  });

  it('names repositories that do not answer or have no port, in its status and on the appliance', async () => {
    await appliance.ke([command, 'change', '1', clientId]);
    await site.configure(['east', 'west']);
    const yaml = await readFile(site.config, 'utf8');
    await writeFile(
      site.config,
      yaml.replace(`east: "webdav+http://service.localhost:${service.port}/"`, 'east: "smb://127.0.0.1:9"'),
    );
    runInProcess();
    await waitFor('the forward', async () => (await tell('status')).said.includes(' open '));
    expect(await appliance.ask(site.ports[0] ?? 0, 'hello')).toBeNull();
    const { said } = await tell('status');
    expect(said).toMatch(/plant\/east smb:\/\/127\.0\.0\.1:9 .*did not answer at .*ECONNREFUSED/u);
    expect(said).toContain('no port left for plant/west');
    // The operator sees the repository without a port in the appliance's list too.
    const uri = `webdav+http://service.localhost:${service.port}/`;
    let unplaced: unknown[] = [];
    await waitFor('it is listed', async () => (unplaced = (await site.tenant()).unplaced).length > 0);
    expect(unplaced).toStrictEqual([{ group: 'plant', repository: 'west', uri }]);
  });
});

describe('Connect does not start with', () => {
  it.each([0o644, 0o640])('a private key of mode %o', async (mode) => {
    await site.configure(['east']);
    await chmod(site.keyFile, mode);
    const open = runInProcess();
    expect([await open.ended, open.output()]).toStrictEqual([
      2,
      `connect: others may read the private key ${site.keyFile}; run: chmod 600 ${site.keyFile}\n`,
    ]);
  });

  it('a public key instead of its private key, whatever the mode, or a missing log folder', async () => {
    await site.configure(['east']);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${site.keyFile}.other`]);
    await rename(`${site.keyFile}.other.pub`, site.keyFile);
    await chmod(site.keyFile, 0o644);
    const open = runInProcess();
    expect([await open.ended, open.output()]).toStrictEqual([
      2,
      `connect: ${site.keyFile} holds a public key, not a private one\n`,
    ]);
    const nowhere = runInProcess('--log-dir', '/nowhere/logs');
    expect(await nowhere.ended).toBe(2);
    expect(nowhere.output()).toContain('there is no folder /nowhere/logs for the log file');
  });

  it('a private key with a passphrase', async () => {
    await site.configure(['east']);
    await run('ssh-keygen', ['-q', '-p', '-N', 'secret', '-f', site.keyFile]);
    const locked = runInProcess();
    expect(await locked.ended).toBe(2);
    expect(locked.output()).toContain(
      'has a passphrase; Connect runs unattended and needs a key without one',
    );
    await unlink(site.keyFile);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', site.keyFile]);
    await rename(`${site.keyFile}.pub`, site.keyFile);
    await chmod(site.keyFile, 0o600);
    const open = runInProcess();
    expect(await open.ended).toBe(2);
    expect(open.output()).toContain('holds a public key');
  });

  it('a configuration that is a pipe, a folder, missing or invalid', async () => {
    await run('mkfifo', [site.config]);
    const pipe = runInProcess();
    expect([await pipe.ended, pipe.output()]).toStrictEqual([
      2,
      `connect: the configuration ${site.config} is not a regular file\n`,
    ]);
    await unlink(site.config);
    await mkdir(site.config);
    const folder = runInProcess();
    expect(await folder.ended).toBe(2);
    const nothing = site.connect('start', '--config', join(site.folder, 'none.yaml'), '--socket', socket);
    expect([await nothing.ended, nothing.output()]).toStrictEqual([
      2,
      `connect: the configuration ${site.folder}/none.yaml cannot be read\n`,
    ]);
  });

  it.each([
    [['begin'], 'unknown command begin'],
    [[], 'a command is missing'],
    [['start', 'now'], 'wrong number of arguments after start'],
    [['stop', '--json'], 'stop takes no --json'],
    [['start', '--bogus'], "Unknown option '--bogus'"],
  ])('the arguments %j', async (words, reason) => {
    const refused = site.connect(...(words.length === 0 ? [''] : words));
    expect(await refused.ended).toBe(2);
    expect(refused.output().startsWith(`connect: ${reason}\nusage: connect start`)).toBe(true);
  });
});

describe('the log', () => {
  it('is one file per process, unreadable for others, and continues in a new file after a rotation', async () => {
    await site.configure(['east']);
    const folder = join(site.folder, 'log');
    await mkdir(folder);
    const connected = site.connect('start', '--config', site.config, '--socket', socket, '--log-dir', folder);
    await untilConnected();
    const log = join(folder, 'ke_connect_connect.log');
    expect((await stat(log)).mode & 0o777).toBe(0o640);
    await waitFor('the log has the welcome', async () =>
      (await readFile(log, 'utf8')).includes(`welcome, ${clientId}`),
    );
    expect(connected.output()).toBe('');
    await rename(log, `${log}.1`);
    connected.process.kill('SIGHUP');
    await waitFor('the new file has a line', async () =>
      (await readFile(log, 'utf8').catch(() => '')).includes('configuration reloaded'),
    );
    expect((await readFile(log, 'utf8')).includes('welcome')).toBe(false);
  });
});
