import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { tunnelHistory } from './0007-tunnel-history.ts';
import { watchByAppliance } from './0009-watch-by-appliance.ts';

test('a span belongs to an appliance, goes with it, and never ends before it began', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  for (const { sql } of [inventory, tunnelHistory, watchByAppliance]) sqlite.exec(sql);
  const span = sqlite.prepare('INSERT INTO watch_span VALUES (?, ?, ?, ?)');
  expect(() => span.run('a', '1', 1, 2)).toThrow('FOREIGN KEY');
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  expect(() => span.run('a', '1', 2, 1)).toThrow('CHECK');
  span.run('a', '1', 1, 2);
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM watch_span').pluck().get()).toBe(0);
  sqlite.close();
});
