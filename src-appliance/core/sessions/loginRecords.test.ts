import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSeenSession, saveSeenSession } from './loginRecords.ts';

const monitor = { monitorPid: 100, monitorStartTicks: 7 };
const session = { sessionPid: 101, sessionStartTicks: 8 };
const found = { ...session, peerAddress: '198.18.0.2', peerPort: 40_000 };
const unknown = { ...session, peerAddress: null, peerPort: null };

let runFolder: string;
beforeEach(() => {
  runFolder = mkdtempSync(join(tmpdir(), 'sallyport-logins-'));
  mkdirSync(join(runFolder, 'auth'));
});
afterEach(() => rmSync(runFolder, { recursive: true }));

test('when a session is first seen without its socket, takes the peer from a later look', () => {
  saveSeenSession(runFolder, monitor, unknown);
  saveSeenSession(runFolder, monitor, found);
  expect(loadSeenSession(runFolder, monitor)).toMatchObject(found);
});

test('when the socket of a session is closing, keeps the peer that was seen before', () => {
  saveSeenSession(runFolder, monitor, found);
  saveSeenSession(runFolder, monitor, unknown);
  saveSeenSession(runFolder, monitor, { ...found, peerPort: 40_001 });
  expect(loadSeenSession(runFolder, monitor)).toMatchObject(found);
});
