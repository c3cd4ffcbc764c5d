import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  commandEndsFolder,
  sessionEndsFolder,
  loadSessionEnd,
  unknownEndReason,
  saveSessionEnd,
} from './sessionRecords.ts';

let runFolder = '';
beforeEach(() => {
  runFolder = mkdtempSync(join(tmpdir(), 'sallyport-endings-'));
  for (const folder of [sessionEndsFolder, commandEndsFolder]) mkdirSync(join(runFolder, folder));
});
afterEach(() => rmSync(runFolder, { recursive: true }));

const kept = () => ({ runFolder, clientId: 'acme' });
const peer = { peerAddress: '192.0.2.7', peerPort: 40_000 };
const bySuspend = { endedAt: '2026-11-28T10:00:00.000Z', ...peer, reason: 'ended: the tenant was suspended' };
const seenAt = (endedAt: string, from: object = peer) => ({
  ...bySuspend,
  endedAt,
  reason: unknownEndReason,
  ...from,
});
const command = () => saveSessionEnd({ ...kept(), ending: bySuspend, endedBy: 'command' });
const observe = (ending: ReturnType<typeof seenAt>) =>
  saveSessionEnd({ ...kept(), ending, endedBy: 'other' });

test.each([
  ['before the command wrote its reason', '2026-11-28T09:59:59.900Z', peer],
  ['after it', '2026-11-28T10:00:03.000Z', peer],
  ['after it, without its peer', '2026-11-28T10:00:03.000Z', { peerAddress: null, peerPort: null }],
])(
  'when a command ended a session and an observer sees the end %s, the reason of the command is kept',
  async (_, at, from) => {
    await observe(seenAt(at, from));
    await command();
    expect(await loadSessionEnd(kept())).toEqual(bySuspend);

    await observe(seenAt(at, from));
    expect(await loadSessionEnd(kept())).toEqual(bySuspend);
  },
);

test('when a later session of the tenant ends, the reason of the earlier command is not used', async () => {
  await command();
  const later = seenAt('2026-11-28T10:00:05.000Z', { peerAddress: '192.0.2.7', peerPort: 40_002 });
  await observe(later);
  expect(await loadSessionEnd(kept())).toEqual(later);
});
