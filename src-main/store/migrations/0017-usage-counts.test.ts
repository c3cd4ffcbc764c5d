import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { usageCounts } from './0017-usage-counts.ts';

test('when an appliance is removed, deletes its counts', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(usageCounts.sql);
  for (const id of ['1', '2'])
    sqlite.prepare("INSERT INTO appliance VALUES (?, ?, '{}', 'now')").run(id, `kiln-${id}`);
  const insert = sqlite.prepare("INSERT INTO usage_counts VALUES (?, '2026-11', ?, 'now', ?, ?)");
  insert.run('1', '2026-11-19', '{}', null);
  insert.run('1', '2026-11-20', '{}', '{}');
  insert.run('2', '2026-11-20', '{}', null);
  expect(() => insert.run('2', '2026-11-20', '{}', null)).toThrow(/UNIQUE/u);
  expect(() => insert.run('3', '2026-11-20', '{}', null)).toThrow(/FOREIGN KEY/u);
  expect(() => insert.run('2', '2026-11-21', 'no JSON', null)).toThrow(/constraint/u);
  expect(() => insert.run('2', '2026-11-21', '{}', 'no JSON')).toThrow(/constraint/u);
  sqlite.exec("DELETE FROM appliance WHERE id = '1'");
  expect(sqlite.prepare('SELECT appliance_id FROM usage_counts').pluck().all()).toEqual(['2']);
  sqlite.close();
});
