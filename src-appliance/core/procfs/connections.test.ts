import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveLogin, saveSeenSession, type LoginRecord } from '../sessions/loginRecords.ts';
import { loadRegistrarRecord, saveRegistrarRecord } from '../sessions/registrarRecords.ts';
import { findConnections } from './connections.ts';
import { observeSessions } from './observeSessions.ts';
import { readUserId } from './procfs.ts';

const run = promisify(execFile);
const connectUser = 'nobody';
const inode = '4242';
const monitorPid = 100;
const sessionPid = 101;

let folder: string;
let userId: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'connections-'));
  userId = (await readUserId(connectUser)) ?? -1;
  for (const name of ['run/auth', 'proc/net']) await mkdir(join(folder, name), { recursive: true });
  const tenant = { clientId: 'acme', suspended: false, ports: [{ first: 2200, last: 2209 }], keys: [] };
  await writeFile(join(folder, 'tenants.json'), JSON.stringify({ format: 1, tenants: [tenant] }));
  const listener = `0: 0100007F:0898 00000000:0000 0A 0:0 00:0 0 ${userId} 0 ${inode} 1 0`;
  await writeFile(join(folder, 'proc/net/tcp'), `sl\n${listener}\n`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const oldTicks = 1;
const statOf = (process: { pid: number; parent: number; startTicks?: number }) =>
  `${process.pid} (sshd) S ${process.parent} ${'1 '.repeat(17)}${process.startTicks ?? oldTicks} 1 1`;

async function addProcess(process: {
  pid: number;
  parent: number;
  startTicks?: number;
  listens?: boolean;
  isRoot?: boolean;
}): Promise<void> {
  const own = join(folder, 'proc', String(process.pid));
  await mkdir(join(own, 'fd'), { recursive: true });
  await writeFile(join(own, 'stat'), statOf(process));
  await writeFile(join(own, 'status'), `Uid:\t${process.isRoot === true ? 0 : userId}\n`);
  if (process.listens === true) await run('ln', ['-s', `socket:[${inode}]`, join(own, 'fd/3')]);
}

const addMonitor = () => addProcess({ pid: monitorPid, parent: 1, isRoot: true });
const addSession = (other: { parent?: number; startTicks?: number } = {}) =>
  addProcess({ pid: sessionPid, parent: monitorPid, listens: true, ...other });

const login: LoginRecord = {
  monitorPid,
  monitorStartTicks: oldTicks,
  clientId: 'acme',
  fingerprint: 'SHA256:x',
  ports: [{ first: 2200, last: 2209 }],
  at: '2026-01-01T00:00:00.000Z',
  ticketHash: null,
  session: null,
};
const adoption: LoginRecord = {
  ...login,
  monitorPid: sessionPid,
  monitorStartTicks: 0,
  fingerprint: '',
  session: { pid: sessionPid, startTicks: oldTicks },
};
const record = (one: LoginRecord) => saveLogin(join(folder, 'run'), one);

const parts = () => ({
  config: {
    stateFolder: folder,
    runFolder: join(folder, 'run'),
    connectUser,
    portRange: { first: 2200, last: 5199 },
    clientAliveSeconds: 60,
  },
  now: Date.now,
  procFolder: join(folder, 'proc'),
});

async function find() {
  const found = await findConnections(parts());
  return {
    connections: found.connections.map((one) => [one.record.fingerprint, one.session?.pid ?? null]),
    orphans: found.orphans.map((one) => [one.record.fingerprint, one.session.pid]),
    ended: found.ended.map((one) => one.monitorPid),
    records: (await readdir(join(folder, 'run/auth'))).toSorted(),
  };
}

/** Runs `change` after `read` has read the first records and before it reads the last process. */
async function changeDuring<T>(read: () => Promise<T>, change: () => Promise<void> | void): Promise<T> {
  await mkdir(join(folder, 'proc/999'));
  const pipe = join(folder, 'proc/999/stat');
  await run('mkfifo', [pipe]);
  const found = read();
  // Opens when the list of processes reads this one.
  const writer = await open(pipe, 'w');
  await change();
  await writer.writeFile(statOf({ pid: 999, parent: 1 }).replace('sshd', 'cron'));
  await writer.close();
  return found;
}
const findDuring = (change: () => void) => changeDuring(find, change);

const listed = { connections: [['SHA256:x', sessionPid]], orphans: [], ended: [], records: ['100.json'] };

describe('the processes of logins', () => {
  it('when a session logs in while the processes are read, are the session of that login only', async () => {
    await addMonitor();
    await addSession();
    expect(await findDuring(() => record(login))).toStrictEqual(listed);
  });

  it('when a login is recorded after its processes should have been read, have not ended', async () => {
    expect(await findDuring(() => record(login))).toStrictEqual({
      connections: [],
      orphans: [],
      ended: [],
      records: ['100.json'],
    });
  });

  it('when a login was recorded before and has no process, have ended', async () => {
    record(login);
    expect(await find()).toMatchObject({ connections: [], orphans: [], ended: [monitorPid] });
  });

  it('when an old session has no record, are adopted with its ports’ tenant', async () => {
    await addSession({ parent: 1 });
    expect(await find()).toMatchObject({ connections: [], orphans: [['', sessionPid]] });
  });

  it('when a session without a record has just begun, are not adopted yet', async () => {
    await addSession({ parent: 1, startTicks: Math.floor(uptime() * 100) });
    expect(await find()).toMatchObject({ connections: [], orphans: [], records: [] });
  });

  it('when a session was adopted though its monitor lives, are listed once by their login', async () => {
    await addMonitor();
    await addSession();
    record(login);
    record(adoption);
    expect(await find()).toStrictEqual(listed);
  });

  it('when the monitor of an adopted session dies, are listed once by their login', async () => {
    await addSession({ parent: 1 });
    record(login);
    record(adoption);
    const peer = { peerAddress: null, peerPort: null };
    saveSeenSession(join(folder, 'run'), login, { sessionPid, sessionStartTicks: oldTicks, ...peer });
    expect(await find()).toStrictEqual({
      connections: [],
      orphans: [['SHA256:x', sessionPid]],
      ended: [],
      records: ['100.json', '100.seen'],
    });
  });
});

const runFolder = () => join(folder, 'run');

describe('the record of a registrar', () => {
  const session = { pid: sessionPid, startTicks: oldTicks };
  const announce = () =>
    saveRegistrarRecord(runFolder(), {
      sessionPid,
      sessionStartTicks: oldTicks,
      connectVersion: '1.2.3',
      lastHeartbeatAt: null,
    });
  beforeEach(() => mkdir(join(runFolder(), 'sessions')));

  it('when its session begins while the processes are read, is kept', async () => {
    await changeDuring(
      () => observeSessions(parts()),
      async () => {
        await addSession();
        announce();
      },
    );
    expect(loadRegistrarRecord(runFolder(), session)).toMatchObject({ connectVersion: '1.2.3' });
  });

  it('when its session has ended, or another process has its ID, is deleted', async () => {
    announce();
    await observeSessions(parts());
    expect(loadRegistrarRecord(runFolder(), session)).toBeNull();
    await addSession({ startTicks: oldTicks + 1 });
    announce();
    await observeSessions(parts());
    expect(loadRegistrarRecord(runFolder(), session)).toBeNull();
  });
});
