import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../store/store.ts';
import { createAudit } from './audit.ts';
import { noChangeFeed } from '../../test-support/noChangeFeed.ts';
import { silentLog } from '../../test-support/silentLog.ts';

const session = 'd6829453-8f56-40fa-898e-4101cb17be64';
const tenantAdd = [
  'web pid 4711',
  'ubuntu@kiln:22',
  "ke_manage_remote_networks add acme --quota '20'",
  'Größer, “ruhig” 🙂',
];
const applianceAdd = ['web pid 4711', null, null, null];
/** A trail as version 0.1.0 wrote it: the values from `seq` to `detail`, and the hash of each record. */
const stored = [
  {
    fields: [
      1,
      '2026-11-20T09:00:00.000Z',
      'intent',
      null,
      'ada',
      'admin',
      session,
      'tenant.add',
      'kiln/acme',
      'pending',
      null,
      ...tenantAdd,
      '',
    ],
    hash: '9f3883a7b3c7278b5fd69fe3a251d75ead71ce2f5432dcbd54a454f0457eb06d',
  },
  {
    fields: [
      2,
      '2026-11-20T09:00:00.000Z',
      'outcome',
      1,
      'ada',
      'admin',
      session,
      'tenant.add',
      'kiln/acme',
      'ok',
      null,
      ...tenantAdd,
      '',
    ],
    hash: 'f8d68bbe2b00242bc0c16744275d047439bdcb6645add03decdd033997687e5a',
  },
  {
    fields: [
      3,
      '2026-11-20T09:00:00.000Z',
      'intent',
      null,
      'ada',
      'admin',
      session,
      'appliance.add',
      'kiln',
      'pending',
      null,
      ...applianceAdd,
      '',
    ],
    hash: '2635fc2fe1aab30e197669ed7190e8e2727f0c7902824410d9f23e8716a6d34a',
  },
  {
    fields: [
      4,
      '2026-11-20T09:00:00.000Z',
      'outcome',
      3,
      'ada',
      'admin',
      session,
      'appliance.add',
      'kiln',
      'failed',
      'ALREADY_EXISTS',
      ...applianceAdd,
      'it is there',
    ],
    hash: '66fab1ec1d2006ba6976415e39ab6b66d009c013f3ce4b4cd8c93dc4eb1495e1',
  },
  {
    fields: [
      5,
      '2026-11-20T09:00:00.000Z',
      'event',
      null,
      'ada',
      'admin',
      session,
      'link.up',
      'kiln',
      'ok',
      null,
      ...applianceAdd,
      'a\nb',
    ],
    hash: '04263efad11ddd1278db91a77a737f0c275a00cf1973915d1dbdb02f8f2f358a',
  },
] as const;

/** Writes the stored trail with plain SQL, because the current code could hide a change of the format. */
function writeTrail(folder: string): void {
  openStore({ folder }).close();
  const sqlite = new Database(join(folder, 'store.db'));
  let previousHash = '0'.repeat(64);
  for (const [index, { fields, hash }] of stored.entries()) {
    sqlite
      .prepare(`INSERT INTO audit VALUES (${Array.from({ length: 18 }, () => '?').join(', ')})`)
      .run(...fields, previousHash, hash);
    sqlite.prepare('UPDATE audit_head SET count = ?, head = ?').run(index + 1, hash);
    previousHash = hash;
  }
  sqlite.close();
}

test('when an older version wrote the trail, verifies it and appends to it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-trail-'));
  writeTrail(folder);
  const store = openStore({ folder });
  const actor = { operator: 'ada', role: 'admin', source: 'test' };
  const audit = createAudit({
    log: silentLog,
    store,
    actor,
    clock: () => Date.UTC(2026, 10, 21),
    changes: noChangeFeed,
  });
  const head = stored.at(-1)?.hash;
  expect(await audit.verify()).toMatchObject({ ok: true, count: 5, head, broken: null, unfinished: [] });
  expect(audit.list({ before: null, limit: 1, query: 'GRÖSSER' }).total).toBe(0);
  expect(audit.list({ before: null, limit: 1, query: 'Größer, “ruhig” 🙂' }).records[0]).toMatchObject({
    seq: 2,
    intentSeq: 1,
    errorCode: null,
    previousHash: stored[0].hash,
  });
  audit.event({ event: 'link.down', object: 'kiln' });
  expect(await audit.verify()).toMatchObject({ ok: true, count: 6 });
  expect(audit.list({ before: null, limit: 1, query: '' }).records[0]?.previousHash).toBe(head);
  store.close();
  rmSync(folder, { recursive: true, force: true });
});
