import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applianceStatusSchema } from '../../src-shared/model/appliance/applianceStatus.ts';
import {
  labAnnouncementSchema,
  type LabAnnouncement,
} from '../../src-shared/model/appliance/labAnnouncement.ts';
import { importOutputSchema } from '../../src-shared/model/licence/licenceCommands.ts';
import { licenceReceiptSchema } from '../../src-shared/model/licence/licenceRequest.ts';
import { licenceShowOutputSchema } from '../../src-shared/model/licence/licence.ts';
import { remoteNetworksSchema, type Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { descendantsOf } from '../../test-support/processTree.ts';
import { modeOf, openSftp, put, realPath, remove } from '../../test-support/sftpFiles.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { generateKeyPair } from '../core/tenants/keyPair.ts';
import { negotiateRequest } from './services/smb.ts';
import { fingerprintOf } from '../../src-shared/base/sshWire.ts';

type Announced = LabAnnouncement['appliances'][number];

const labs: ChildProcess[] = [];
const clients: Client[] = [];
const program = join(import.meta.dirname, 'main.ts');
const authorityProgram = join(import.meta.dirname, '../authority/main.ts');

async function startLab(
  argv: readonly string[],
): Promise<{ lab: ChildProcess; announcement: LabAnnouncement }> {
  const started = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  labs.push(started);
  let complaints = '';
  started.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(started.stdout).once('line', resolve);
    started.once('close', () => reject(new Error(`the lab ended: ${complaints}`)));
  });
  return { lab: started, announcement: labAnnouncementSchema.parse(JSON.parse(line)) };
}

function logIn(to: Announced, as: { user: string; privateKey: string }): Promise<Client> {
  const client = new ssh2.Client();
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client)).once('error', reject);
    client.connect({
      host: to.host,
      port: to.port,
      username: as.user,
      privateKey: as.privateKey,
      hostVerifier: (key: Buffer) => fingerprintOf(key) === to.hostKeySha256,
    });
  });
}

function open(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
}

type Result = { code: number | null; out: string; err: string };

/** Add all listeners in the callback, because the output may arrive before a promise continues. */
function run(client: Client, command: string, input = ''): Promise<Result> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error);
      if (input !== '') channel.end(input);
      const result: Result = { code: null, out: '', err: '' };
      channel.on('data', (chunk: Buffer) => {
        result.out += chunk.toString();
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        result.err += chunk.toString();
      });
      channel.on('exit', (code: number | null) => {
        result.code = code;
      });
      channel.on('close', () => resolve(result));
    });
  });
}

const list = async (client: Client): Promise<Tenant[]> => {
  const { out } = await run(client, 'sudo -n ke_manage_remote_networks list --json');
  return remoteNetworksSchema.parse(JSON.parse(out)).tenants;
};
const find = async (client: Client, clientId: string): Promise<Tenant> => {
  const tenant = (await list(client)).find((one) => one.clientId === clientId);
  if (tenant === undefined) throw new Error(`no tenant ${clientId}`);
  return tenant;
};
const isUp = (tenant: Tenant): boolean =>
  tenant.forwards.length > 0 && tenant.forwards.every((one) => one.uri !== null && one.sessionPid !== null);

function dial(client: Client, port: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, (error, channel) =>
      error === undefined ? resolve(channel) : reject(error),
    );
  });
}

function isOpen(at: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

let lab: ChildProcess;
let announcement: LabAnnouncement;
let kiln: Announced;
let quay: Announced;
let kilnClient: Client;
let quayClient: Client;
const tenantKey = (clientId: string): string =>
  readFileSync(join(announcement.folder, 'sites', clientId, 'connect', 'ssh_key.priv'), 'utf8');

function runAuthority(words: readonly string[], input = ''): string {
  const argv = [authorityProgram, '--data', announcement.authority.folder, ...words];
  return execFileSync(process.execPath, argv, { input }).toString();
}

beforeAll(async () => {
  ({ lab, announcement } = await startLab(['--appliances', '2', '--tenants', '8', '--seed', 'test']));
  const [first, second] = announcement.appliances;
  if (first === undefined || second === undefined) throw new Error('two appliances were asked for');
  [kiln, quay] = [first, second];
  const adminKey = readFileSync(kiln.identityFile, 'utf8');
  kilnClient = await logIn(kiln, { user: kiln.user, privateKey: adminKey });
  quayClient = await logIn(quay, { user: quay.user, privateKey: adminKey });
  await waitFor('all tunnels of the healthy appliance', async () => (await list(kilnClient)).every(isUp));
});
afterAll(() => {
  for (const client of clients) client.destroy();
  for (const one of labs) one.kill('SIGKILL');
});

describe('the lab', () => {
  it('answers the documented commands over SSH', async () => {
    const tenants = await list(kilnClient);
    expect(tenants.map(({ clientId }) => clientId)).toStrictEqual(kiln.tenants.toSorted());
    for (const { sessions, forwards, ports } of tenants) {
      expect(sessions).toMatchObject([{ kind: 'connect', connectVersion: '1.0.3', silentSince: null }]);
      expect(forwards[0]?.port).toBe(ports[0]?.first);
      expect(forwards.every((one) => one.listener?.pid === sessions[0]?.pid)).toBe(true);
    }
    const status = applianceStatusSchema.parse(JSON.parse((await run(kilnClient, 'ke_status --json')).out));
    expect(status).toMatchObject({ identity: { hostname: 'kiln-01' }, versions: { appliance: '1.34.2' } });
    const show = await run(quayClient, `sudo -S -p '' ke_manage_license_key show --json`);
    expect(licenceShowOutputSchema.parse(JSON.parse(show.out))).toMatchObject({ state: 'expiring' });
  });

  it('renews the licence of an offline appliance with the command line of its authority', async () => {
    const { connected, offline } = announcement.authority;
    expect({ connected, offline }).toEqual({ connected: ['kiln-01'], offline: ['quay-01'] });
    const request = await run(quayClient, 'sudo -n ke_manage_license_key request');
    const answer = runAuthority(['answer', '-'], request.out);
    const imported = await run(quayClient, 'sudo -n ke_manage_license_key import - --json', answer);
    expect(imported).toMatchObject({ code: 0 });
    const { outcome, current, receipt } = importOutputSchema.parse(JSON.parse(imported.out));
    expect({ outcome, state: current.state }).toEqual({ outcome: 'applied', state: 'valid' });
    expect(runAuthority(['receipt', '-'], receipt ?? '')).toContain('quay-01 installed licence');
  });

  it('fetches licence and configuration of a connected appliance, and only of a connected one', async () => {
    const update = 'sudo -n ke_update_configuration --json';
    runAuthority(['appliance', 'set', 'kiln-01', '--set', 'db.port=5432']);
    const updated = await run(kilnClient, update);
    expect(updated).toMatchObject({ code: 0, err: '' });
    const record = z.object({
      lastPing: z.object({ content: z.object({ hostname: z.string() }) }),
      receipts: z.array(licenceReceiptSchema),
      licences: z.array(z.unknown()),
    });
    const shown = record.parse(JSON.parse(runAuthority(['appliance', 'show', 'kiln-01', '--json'])));
    expect(shown.lastPing.content.hostname).toBe('kiln-01');
    expect(shown.receipts).toMatchObject([{ outcome: 'applied', configurationRevision: 1 }]);
    expect(await run(quayClient, update)).toMatchObject({ code: 2, err: expect.stringContaining('offline') });
  });

  it('rejects other commands and everything that needs a shell', async () => {
    expect(await run(kilnClient, 'cat /etc/passwd')).toMatchObject({ code: 127, out: '' });
    for (const command of [
      'ke_manage_remote_networks list --json',
      'ke_manage_license_key show',
      'ke_syslog',
    ])
      expect(await run(kilnClient, command)).toMatchObject({ code: 4, out: '' });
    expect(await run(kilnClient, 'ke_status; id')).toMatchObject({ code: 2, out: '' });
    expect(await run(kilnClient, 'tail -n 1 -F /etc/passwd')).toMatchObject({ code: 1, out: '' });
    expect(await run(kilnClient, 'sudo -n tail -n 1 /etc/passwd')).toMatchObject({ code: 127, out: '' });
    for (const words of ['/etc/passwd', '--lines -1', '--lines 1 --lines 2', '--json', '--pid=1'])
      expect(await run(kilnClient, `sudo -n ke_syslog ${words}`)).toMatchObject({ code: 2, out: '' });
    const add = await run(kilnClient, 'sudo -n ke_manage_remote_networks add NOT-A-NAME --json');
    expect(add).toMatchObject({ code: 2, out: '' });
    await expect(logIn(kiln, { user: kiln.user, privateKey: tenantKey('northwind') })).rejects.toThrow(
      'authentication',
    );
  });

  it.each([
    {
      service: 'webdav',
      request: 'PROPFIND / HTTP/1.1\r\nHost: dav\r\nConnection: close\r\n\r\n',
      endsFirst: false,
      answer: /^HTTP\/1\.1 207 [^]*README\.txt/u,
    },
    // The client closes its input first. The answer must still arrive completely.
    { service: 'smb', request: negotiateRequest(), endsFirst: true, answer: /SMB/u },
  ])('carries a $service request through a tunnel', async ({ service, request, endsFirst, answer }) => {
    const tenants = await list(kilnClient);
    const forwards = tenants.flatMap((one) => one.forwards);
    const forward = forwards.find((one) => one.uri?.startsWith(service) === true);
    const channel = await dial(kilnClient, forward?.port ?? 0);
    channel.write(request);
    if (endsFirst) channel.end();
    expect(await text(channel)).toMatch(answer);
  });

  it('when a public key is uploaded as a file, the command can read it', async () => {
    const sftp = await openSftp(kilnClient);
    expect(await realPath(sftp, '.')).toBe('/home/ubuntu');
    const path = '/tmp/upload.pub';
    const { publicKey } = generateKeyPair('uploaded');
    const content = `${publicKey.type} ${publicKey.blob}\n`;
    await put(sftp, { path, content, mode: 0o600 });
    await expect(put(sftp, { path, content: 'another', mode: 0o600 })).rejects.toThrow('Failure');
    expect(await modeOf(sftp, path)).toBe(0o600);
    const add = `sudo -n ke_manage_remote_networks add sftp-tenant --pub-key ${path} --json`;
    const added = await run(kilnClient, add);
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(added.out)).toMatchObject({ fingerprint: publicKey.fingerprint });
    await remove(sftp, path);
    await expect(modeOf(sftp, path)).rejects.toThrow('No such file');
    expect(await run(kilnClient, add.replace('add', 'add -f'))).toMatchObject({ code: 2, out: '' });
    expect((await run(kilnClient, 'sudo -n ke_manage_remote_networks remove sftp-tenant')).code).toBe(0);
    sftp.end();
  });

  it.each([
    '/etc/passwd',
    '../../../etc/passwd',
    '/tmp/../etc/passwd',
    '/home/ubuntu/x/y',
    '/tmp/a/../../etc/passwd',
  ])('gives neither SFTP nor a command access to %s or the machine’s own files', async (path) => {
    const sftp = await openSftp(kilnClient);
    await expect(modeOf(sftp, path)).rejects.toThrow('Permission denied');
    await expect(put(sftp, { path, content: 'x', mode: 0o600 })).rejects.toThrow('Permission denied');
    await expect(remove(sftp, path)).rejects.toThrow('Permission denied');
    const add = await run(kilnClient, `sudo -n ke_manage_remote_networks add sly --pub-key ${path}`);
    expect(add).toMatchObject({ code: 2, out: '', err: expect.stringContaining('ENOENT') });
    sftp.end();
  });

  it('lists refused keys', async () => {
    const stranger = generateKeyPair('stranger');
    await expect(logIn(kiln, { user: 'connect', privateKey: stranger.privateKey })).rejects.toThrow(
      'authentication',
    );
    const { out } = await run(kilnClient, 'sudo -n ke_manage_remote_networks list --json');
    const refused = remoteNetworksSchema.parse(JSON.parse(out)).refusedLogIns;
    expect(refused).toContainEqual(
      expect.objectContaining({
        keyType: 'ED25519',
        fingerprint: stranger.publicKey.fingerprint,
        formerKeyOf: null,
      }),
    );
  });

  it('lets a tenant listen only on its own ports', async () => {
    const [own, other] = await list(kilnClient);
    if (own === undefined || other === undefined) throw new Error('two tenants are needed');
    const client = await logIn(kiln, { user: 'connect', privateKey: tenantKey(own.clientId) });
    const bind = (port: number): Promise<string> =>
      new Promise((resolve) => {
        client.forwardIn('127.0.0.1', port, (error) => resolve(error === undefined ? 'bound' : 'refused'));
      });
    const last = own.ports.at(-1)?.last ?? 0;
    expect(await bind(other.ports.at(-1)?.last ?? 0)).toBe('refused');
    expect(await bind(last)).toBe('bound');
    await waitFor('the plain session in the list', async () => {
      const { sessions, forwards } = await find(kilnClient, own.clientId);
      return (
        sessions.some((one) => one.kind === 'plain') &&
        forwards.some((one) => one.port === last && one.uri === null)
      );
    });
    await expect(dial(client, last)).rejects.toThrow('open failure');
    client.end();
  });

  it('when a tenant is suspended, ends its session at once; when resumed, it reconnects', async () => {
    const [tenant] = kiln.tenants;
    if (tenant === undefined) throw new Error('a tenant is needed');
    const { quota } = await find(kilnClient, tenant);
    expect((await run(kilnClient, `sudo -n ke_manage_remote_networks change 0 ${tenant}`)).code).toBe(0);
    expect(await find(kilnClient, tenant)).toMatchObject({ suspended: true, sessions: [] });
    expect((await run(kilnClient, `sudo -n ke_manage_remote_networks change ${quota} ${tenant}`)).code).toBe(
      0,
    );
    await waitFor('the tenant is back', async () => isUp(await find(kilnClient, tenant)));
  });

  it('follows the syslog, which contains the real events', async () => {
    const channel = await open(kilnClient, 'sudo -n ke_syslog --lines 5 --follow');
    let seen = '';
    channel.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await run(kilnClient, 'sudo -n ke_manage_remote_networks remove nobody-here');
    const removal = /refused remove nobody-here by ubuntu via sudo/u;
    const use = /ke_api\[\d+\]: \S+ 127\.0\.0\.1:\d+ /u;
    await waitFor('both in the log', () => removal.test(seen) && use.test(seen));
    expect(seen).not.toContain('COMMAND=');
    channel.close();
  });

  it('lists the files of the log and sends what is written, as the kit does', async () => {
    const token = 'ab'.repeat(16);
    const survey = await run(kilnClient, `sudo -n ke_syslog --files ${token} survey`);
    expect(survey.out).toMatch(/ file = \d+ \d+ \d+ \d+ plain /u);
    const [, device = '', inode = ''] = / file = (\d+) (\d+) /u.exec(survey.out) ?? [];
    const [, stamp = ''] = / done \d+ (\w+)\n/u.exec(survey.out) ?? [];
    const channel = await open(
      kilnClient,
      `sudo -n ke_syslog --files ${token} read ${stamp} ${device} ${inode} 0`,
    );
    let frames = '';
    channel.on('data', (chunk: Buffer) => {
      frames += chunk.toString('latin1');
    });
    await waitFor('the end of the log', () => / idle \d+ /u.test(frames));
    channel.close();
    expect(await run(kilnClient, `sudo -n ke_syslog --files ${token}`)).toMatchObject({ code: 2, out: '' });
  });

  it('shows each fault on the old appliance', async () => {
    const [, dead, suspended, stale] = quay.tenants;
    await waitFor('the dead tunnel', async () => (await find(quayClient, dead ?? '')).lastSession !== null);
    const killed = await find(quayClient, dead ?? '');
    expect(killed.sessions).toStrictEqual([]);
    expect(killed.forwards.map((one) => one.listener)).toStrictEqual(killed.forwards.map(() => null));
    expect(killed.forwards.length).toBeGreaterThan(0);
    expect(await find(quayClient, suspended ?? '')).toMatchObject({ suspended: true, sessions: [] });
    await waitFor('the stale listener', async () =>
      (await find(quayClient, stale ?? '')).sessions.some((one) => one.silentSince !== null),
    );
    const silent = await find(quayClient, stale ?? '');
    expect(silent.forwards.every((one) => one.listener?.pid === silent.sessions[0]?.pid)).toBe(true);
    const [forward] = silent.forwards;
    const release = (pid: number): Promise<Result> =>
      run(
        quayClient,
        `sudo -n ke_manage_remote_networks release ${forward?.port ?? 0} --pid ${pid} ${stale ?? ''} --json`,
      );
    const pid = forward?.listener?.pid ?? 0;
    expect(await release(pid + 1)).toMatchObject({ code: 3, out: '' });
    const released = await release(pid);
    expect(JSON.parse(released.out)).toMatchObject({ action: 'released', endedSessions: 1 });
    const after = await find(quayClient, stale ?? '');
    expect(after.sessions).toStrictEqual([]);
    expect(after.forwards.map((one) => one.listener)).toStrictEqual(after.forwards.map(() => null));
    expect(await release(pid)).toMatchObject({ code: 3, out: '' });
  });

  it('when it is killed, leaves nothing behind', async () => {
    const processes = await descendantsOf(lab.pid ?? 0);
    expect(processes.length).toBeGreaterThanOrEqual(8);
    lab.kill('SIGKILL');
    await waitFor('all processes are gone', () => !processes.some(isAlive));
    await waitFor('the folder is gone', () => !existsSync(announcement.folder));
    expect(await Promise.all([kiln, quay].map(isOpen))).toStrictEqual([false, false]);
  });

  it('shows the faults at the tenants’ sites on the second of three appliances', async () => {
    const three = await startLab(['--appliances', '3', '--tenants', '12']);
    const [, second] = three.announcement.appliances;
    if (second === undefined) throw new Error('three appliances were asked for');
    const client = await logIn(second, {
      user: second.user,
      privateKey: readFileSync(second.identityFile, 'utf8'),
    });
    const [, troubled = '', wrong = '', crowded = ''] = second.tenants;
    await waitFor('the troubled tenant is up', async () => isUp(await find(client, troubled)));
    const { forwards } = await find(client, troubled);
    expect(forwards).toHaveLength(3);
    const http = forwards.find(({ repository }) => repository !== 'files');
    const channel = await dial(client, http?.port ?? 0);
    channel.write('OPTIONS / HTTP/1.0\r\n\r\n');
    expect(await text(channel)).toContain('HTTP/1.1 200 OK');
    await waitFor('the quota is exceeded', async () => (await find(client, crowded)).unplaced.length === 1);
    expect((await find(client, crowded)).forwards).toHaveLength(3);
    const refusals = async () => {
      const { out } = await run(client, 'sudo -n ke_manage_remote_networks list --json');
      return remoteNetworksSchema.parse(JSON.parse(out)).refusedLogIns;
    };
    await waitFor('the replaced key is offered', async () =>
      (await refusals()).some((one) => one.formerKeyOf === wrong),
    );
    expect(await find(client, wrong)).toMatchObject({ sessions: [], suspended: false });
    three.lab.kill('SIGTERM');
    await once(three.lab, 'exit');
  });

  it('when it is stopped, leaves nothing behind', async () => {
    const other = await startLab(['--appliances', '1', '--tenants', '2']);
    const processes = await descendantsOf(other.lab.pid ?? 0);
    other.lab.kill('SIGTERM');
    const [code] = await once(other.lab, 'exit');
    expect(code).toBe(0);
    expect(existsSync(other.announcement.folder)).toBe(false);
    expect(processes.filter(isAlive)).toStrictEqual([]);
  });
});

describe('the lab’s command line', () => {
  it.each([['--appliances', '0'], ['--tenants', 'many'], ['--colour'], ['extra']])(
    'rejects %s %s',
    async (...argv) => {
      const process_ = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
      const [out, err, [code]] = await Promise.all([
        text(process_.stdout),
        text(process_.stderr),
        once(process_, 'exit'),
      ]);
      expect({ code, out }).toStrictEqual({ code: 2, out: '' });
      expect(err).toMatch(/^usage: [^\n]+\n$/u);
    },
  );
});
