import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { licenceTrips } from './0013-licence-trips.ts';

test('when an appliance has an open renewal, rejects a second one until it has ended', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(licenceTrips.sql);
  const insert = sqlite.prepare("INSERT INTO licence_trip VALUES (?, ?, NULL, 1, 'now', ?, ?)");
  insert.run('1', 'kiln', null, '{}');
  insert.run('2', 'mill', null, '{}');
  expect(() => insert.run('3', 'kiln', null, '{}')).toThrow(/UNIQUE/u);
  expect(() => insert.run('4', 'quay', null, 'no JSON')).toThrow(/constraint/u);
  sqlite.exec("UPDATE licence_trip SET ended_at = 'now' WHERE id = '1'");
  insert.run('3', 'kiln', null, '{}');
  insert.run('5', 'kiln', 'now', '{}');
  expect(sqlite.prepare('SELECT count(*) FROM licence_trip').pluck().get()).toBe(4);
  sqlite.close();
});
