import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { tunnelHistory } from './0007-tunnel-history.ts';
import { historyOf30Days } from './0010-history-of-30-days.ts';

test('when a database has history, keeps it, and finds old latencies by an index', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(tunnelHistory.sql);
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  sqlite.prepare("INSERT INTO tunnel_latency VALUES ('1', 'acme', 2200, 900000, 12)").run();
  sqlite.prepare("INSERT INTO tunnel_change VALUES ('1', 'acme', 2200, 1, 'ok', 'T-4000', '', 0)").run();
  sqlite.exec(historyOf30Days.sql);
  for (const [table, column] of [
    ['tunnel_latency', 'quarter_ms'],
    ['tunnel_latency_day', 'day_ms'],
    ['tunnel_change', 'at_ms'],
  ]) {
    const plan = sqlite.prepare(`EXPLAIN QUERY PLAN DELETE FROM ${table} WHERE ${column} < 1`).all();
    expect(JSON.stringify(plan)).toContain(`USING INDEX ${table}_old`);
  }
  const day = sqlite.prepare("INSERT INTO tunnel_latency_day VALUES ('1', 'acme', 2200, 0, ?)");
  expect(() => day.run('[')).toThrow('CHECK');
  day.run('[[0,12,12]]');
  expect(() => day.run('[]')).toThrow('UNIQUE');
  expect(sqlite.prepare('SELECT count(*) FROM tunnel_latency').pluck().get()).toBe(1);
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM tunnel_latency_day').pluck().get()).toBe(0);
  sqlite.close();
});
