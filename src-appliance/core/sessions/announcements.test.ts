import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { announcementsFolder, loadAnnouncements, saveAnnouncement } from './announcements.ts';

let runFolder: string;
beforeEach(async () => {
  runFolder = await mkdtemp(join(tmpdir(), 'announcements-'));
  await mkdir(join(runFolder, announcementsFolder));
});
afterEach(() => rm(runFolder, { recursive: true, force: true }));

const forward = (name: string) => ({ port: 2200, group: 'g', repository: name, uri: `smb://${name}:445` });
const load = () => loadAnnouncements({ runFolder, clientId: 'acme' });
const listPids = () => load().map(({ session }) => session?.pid);

/** Sessions announce one second apart. `startTicks` differ for a pid that is used again. */
let second = 0;
async function announce(pid: number, live: readonly number[], startTicks = 1): Promise<void> {
  second += 1;
  await saveAnnouncement({
    runFolder,
    clientId: 'acme',
    announcement: {
      session: { pid, startTicks },
      announcedAt: new Date(Date.UTC(2026, 10, 28) + second * 1000).toISOString(),
      forwards: [forward(`from-${pid}-${startTicks}`)],
      unplaced: [],
      omitted: 0,
    },
    isLive: async (session) => session.startTicks === 1 && live.includes(session.pid),
  });
}

it('when two sessions announce, stores both, newest first', async () => {
  await announce(100, []);
  await announce(200, [100]);
  expect(listPids()).toEqual([200, 100]);
  await announce(100, [200]);
  expect(listPids()).toEqual([100, 200]);
});

it('when all sessions have ended, keeps their announcements until another session announces', async () => {
  await announce(100, []);
  await announce(200, [100]);
  expect(listPids()).toEqual([200, 100]);
  await announce(300, []);
  expect(listPids()).toEqual([300]);
});

it('when a process ID is used again, replaces the announcement of the earlier session', async () => {
  await announce(100, []);
  await announce(100, [], 2);
  expect(load().map(({ forwards }) => forwards[0]?.repository)).toEqual(['from-100-2']);
});

it('when two sessions announce at the same time, loses neither', async () => {
  await announce(100, []);
  await Promise.all([announce(200, [100, 200, 300]), announce(300, [100, 200, 300])]);
  expect(new Set(listPids())).toEqual(new Set([100, 200, 300]));
});

it('when an earlier kit stored the announcement, reads it without a session and replaces it', async () => {
  const old = { announcedAt: '2026-11-28T00:00:00.000Z', forwards: [forward('old')] };
  await writeFile(join(runFolder, announcementsFolder, 'acme.json'), JSON.stringify(old));
  expect(load()).toEqual([{ ...old, session: null, unplaced: [], omitted: 0 }]);
  await announce(100, []);
  expect(listPids()).toEqual([100]);
});
