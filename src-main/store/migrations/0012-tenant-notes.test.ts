import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { tenantNotes } from './0012-tenant-notes.ts';

test('when an appliance is removed, deletes the notes of its tenants', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(tenantNotes.sql);
  for (const id of ['1', '2'])
    sqlite.prepare("INSERT INTO appliance VALUES (?, ?, '{}', 'now')").run(id, `kiln-${id}`);
  const insert = sqlite.prepare("INSERT INTO tenant_note VALUES (?, 'acme', ?, 'now', 'ada')");
  insert.run('1', '{}');
  insert.run('2', '{}');
  expect(() => insert.run('3', '{}')).toThrow(/FOREIGN KEY/u);
  expect(() => insert.run('1', 'no JSON')).toThrow(/constraint/u);
  sqlite.exec("DELETE FROM appliance WHERE id = '1'");
  expect(sqlite.prepare('SELECT appliance_id FROM tenant_note').pluck().all()).toEqual(['2']);
  sqlite.close();
});
