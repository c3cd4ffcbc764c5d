import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { tunnelHistory } from './0007-tunnel-history.ts';

test('when an appliance is removed, deletes its history; rejects spans that end before they start', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(tunnelHistory.sql);
  const change = sqlite.prepare('INSERT INTO tunnel_change VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const span = sqlite.prepare('INSERT INTO watch_span VALUES (?, ?, ?, ?)');
  const latency = sqlite.prepare('INSERT INTO tunnel_latency VALUES (?, ?, ?, ?, ?)');
  expect(() => change.run('1', 'acme', 2200, 1, 'ok', 'T-4000', '', 0)).toThrow('FOREIGN KEY');
  expect(() => span.run('a', '1', 1, 2)).toThrow('FOREIGN KEY');
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  change.run('1', 'acme', 2200, 1, 'ok', 'T-4000', '', 0);
  expect(() => change.run('1', 'acme', 2200, 1, 'bad', 'T-4001', '', 0)).toThrow('UNIQUE');
  latency.run('1', 'acme', 2200, 900_000, 12);
  expect(() => latency.run('1', 'acme', 2200, 900_000, 13)).toThrow('UNIQUE');
  expect(() => change.run('1', 'acme', 2200, 2, 'bad', 'T-4001', '', 2)).toThrow('CHECK');
  expect(() => span.run('a', '1', 2, 1)).toThrow('CHECK');
  span.run('a', '1', 1, 2);
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM tunnel_change').pluck().get()).toBe(0);
  expect(sqlite.prepare('SELECT count(*) FROM tunnel_latency').pluck().get()).toBe(0);
  expect(sqlite.prepare('SELECT count(*) FROM watch_span').pluck().get()).toBe(0);
  sqlite.close();
});
