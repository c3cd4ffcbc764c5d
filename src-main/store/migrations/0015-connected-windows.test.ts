import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { connectedWindows } from './0015-connected-windows.ts';

test('when an appliance is removed, deletes its window; an appliance has at most one', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(connectedWindows.sql);
  for (const id of ['1', '2'])
    sqlite.prepare("INSERT INTO appliance VALUES (?, ?, '{}', 'now')").run(id, `kiln-${id}`);
  const insert = sqlite.prepare('INSERT INTO connected_window VALUES (?, ?, ?, ?, ?)');
  insert.run('1', 'one', 7, 'open', '{}');
  insert.run('2', 'one', 7, 'settled', '{}');
  expect(() => insert.run('2', 'two', 8, 'open', '{}')).toThrow(/UNIQUE/u);
  expect(() => insert.run('3', 'one', 7, 'open', '{}')).toThrow(/FOREIGN KEY/u);
  sqlite.exec("DELETE FROM appliance WHERE id = '1'");
  expect(sqlite.prepare('SELECT appliance_id FROM connected_window').pluck().all()).toEqual(['2']);
  expect(() => insert.run('1', 'one', 7, 'closed', '{}')).toThrow(/constraint/u);
  sqlite.close();
});
