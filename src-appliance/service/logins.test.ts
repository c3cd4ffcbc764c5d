import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveLogin, saveSeenSession, type LoginRecord } from '../core/sessions/loginRecords.ts';
import { createLogins } from './logins.ts';

/** A process ID that Linux never gives. */
const gonePid = 4_194_304;
const gone: LoginRecord = {
  monitorPid: gonePid,
  monitorStartTicks: 7,
  clientId: 'acme',
  fingerprint: 'SHA256:a',
  ports: [],
  at: '2026-11-20T09:00:00.000Z',
  ticketHash: null,
  session: null,
};
const seen = { sessionPid: gonePid, sessionStartTicks: 8, peerAddress: null, peerPort: null };

let runFolder: string;
beforeEach(() => {
  runFolder = mkdtempSync(join(tmpdir(), 'sallyport-logins-'));
  mkdirSync(join(runFolder, 'auth'));
});
afterEach(() => rmSync(runFolder, { recursive: true }));

const sweep = () => createLogins({ runFolder, connectUserId: 1 }).sweep();
const files = () => readdirSync(join(runFolder, 'auth'));

test('when a login has ended, the sweep deletes it, but keeps one that a command saw as a session', async () => {
  saveLogin(runFolder, gone);
  await sweep();
  expect(files()).toEqual([]);
  saveLogin(runFolder, gone);
  saveSeenSession(runFolder, gone, seen);
  await sweep();
  expect(files()).toHaveLength(2);
});

test('when a command noted a session after its login was deleted, the sweep deletes the note', async () => {
  saveSeenSession(runFolder, gone, seen);
  expect(files()).toHaveLength(1);
  await sweep();
  expect(files()).toEqual([]);
});
