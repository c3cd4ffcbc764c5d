import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { observations } from './0002-observations.ts';

test('keeps one value per kind, and none without its appliance', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(observations.sql);
  const insert = sqlite.prepare('INSERT INTO observation VALUES (?, ?, ?, ?)');
  expect(() => insert.run('1', 'status', 'now', '{}')).toThrow('FOREIGN KEY');
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  insert.run('1', 'status', 'now', '{}');
  expect(() => insert.run('1', 'status', 'later', '{}')).toThrow('UNIQUE');
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM observation').pluck().get()).toBe(0);
  sqlite.close();
});
