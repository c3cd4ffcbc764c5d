import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { licenceWork } from './0014-licence-work.ts';

test('when an appliance is removed, deletes the work for its licences', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(licenceWork.sql);
  for (const id of ['1', '2'])
    sqlite.prepare("INSERT INTO appliance VALUES (?, ?, '{}', 'now')").run(id, `kiln-${id}`);
  const insert = sqlite.prepare('INSERT INTO licence_work VALUES (?, ?, ?)');
  insert.run('1', 12, '{}');
  insert.run('1', 13, '{}');
  insert.run('2', 12, '{}');
  expect(() => insert.run('2', 12, '{}')).toThrow(/UNIQUE/u);
  expect(() => insert.run('3', 12, '{}')).toThrow(/FOREIGN KEY/u);
  expect(() => insert.run('2', 13, 'no JSON')).toThrow(/constraint/u);
  sqlite.exec("DELETE FROM appliance WHERE id = '1'");
  expect(sqlite.prepare('SELECT appliance_id FROM licence_work').pluck().all()).toEqual(['2']);
  sqlite.close();
});
