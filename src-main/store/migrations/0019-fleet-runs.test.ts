import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fleetRuns } from './0019-fleet-runs.ts';

test('when a run is deleted, deletes its results; an appliance has one result in each run', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(fleetRuns.sql);
  const run = sqlite.prepare("INSERT INTO fleet_run VALUES (?, 'one', 7, '{}')");
  const result = sqlite.prepare("INSERT INTO fleet_run_result VALUES (?, ?, 0, '{}')");
  for (const number of [1, 2]) {
    run.run(number);
    result.run(number, 'a');
  }
  expect(() => run.run(1)).toThrow(/UNIQUE/u);
  expect(() => result.run(1, 'a')).toThrow(/UNIQUE/u);
  expect(() => result.run(3, 'a')).toThrow(/FOREIGN KEY/u);
  sqlite.exec('DELETE FROM fleet_run WHERE number = 1');
  expect(sqlite.prepare('SELECT number FROM fleet_run_result').pluck().all()).toEqual([2]);
  sqlite.close();
});
