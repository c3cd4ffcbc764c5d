import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { probes } from './0006-probes.ts';

test('keeps one result per port, and none without its appliance', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(probes.sql);
  const insert = sqlite.prepare('INSERT INTO probe VALUES (?, ?, ?, ?)');
  expect(() => insert.run('1', 2200, 'now', '{}')).toThrow('FOREIGN KEY');
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  insert.run('1', 2200, 'now', '{}');
  expect(() => insert.run('1', 2200, 'later', '{}')).toThrow('UNIQUE');
  expect(() => insert.run('1', 2201, 'now', 'no json')).toThrow('CHECK');
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM probe').pluck().get()).toBe(0);
  sqlite.close();
});
