import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { logDestinations } from './0016-log-destinations.ts';

test('when a destination is removed, deletes its positions; a name stands for one destination', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(logDestinations.sql);
  const add = sqlite.prepare("INSERT INTO log_destination VALUES (?, ?, '{}', 0, 0, 0)");
  add.run('1', 'loki');
  add.run('2', 'relp');
  expect(() => add.run('3', 'loki')).toThrow(/UNIQUE/u);
  const place = sqlite.prepare('INSERT INTO log_position VALUES (?, ?, ?, ?)');
  place.run('1', 'kiln', 'first', 7);
  place.run('2', 'kiln', 'first', 9);
  expect(() => place.run('1', 'kiln', 'first', 8)).toThrow(/UNIQUE/u);
  expect(() => place.run('3', 'kiln', 'first', 8)).toThrow(/FOREIGN KEY/u);
  sqlite.exec("DELETE FROM log_destination WHERE id = '1'");
  expect(sqlite.prepare('SELECT next_line FROM log_position').pluck().all()).toEqual([9]);
  sqlite.close();
});
