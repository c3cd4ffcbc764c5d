import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { usageWarnings } from './0018-usage-warnings.ts';

test('when an appliance is removed, deletes what was raised', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(usageWarnings.sql);
  const raise = sqlite.prepare(
    "INSERT INTO usage_warning_raised VALUES (?, '2026-11', ?, 'text', 'now', NULL)",
  );
  for (const id of ['1', '2']) {
    sqlite.prepare("INSERT INTO appliance VALUES (?, ?, '{}', 'now')").run(id, `kiln-${id}`);
    raise.run(id, 'exceeded');
  }
  expect(() => raise.run('1', 'exceeded')).toThrow(/UNIQUE/u);
  expect(() => raise.run('3', 'exceeded')).toThrow(/FOREIGN KEY/u);
  sqlite.exec("DELETE FROM appliance WHERE id = '1'");
  expect(sqlite.prepare('SELECT appliance_id FROM usage_warning_raised').pluck().all()).toEqual(['2']);
  sqlite.close();
});
