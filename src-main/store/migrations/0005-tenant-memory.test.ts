import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { tenantMemory } from './0005-tenant-memory.ts';

test('when an appliance is removed, deletes what is remembered about its tenants', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(tenantMemory.sql);
  const quota = sqlite.prepare('INSERT INTO tenant_quota VALUES (?, ?, ?, ?)');
  const leftover = sqlite.prepare('INSERT INTO remote_leftover VALUES (?, ?, ?)');
  expect(() => quota.run('1', 'acme', 20, 'now')).toThrow('FOREIGN KEY');
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  quota.run('1', 'acme', 20, 'now');
  expect(() => quota.run('1', 'acme', 30, 'now')).toThrow('UNIQUE');
  expect(() => quota.run('1', 'globex', 0, 'now')).toThrow('CHECK');
  leftover.run('1', '/home/ubuntu/.key', 'now');
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM tenant_quota').pluck().get()).toBe(0);
  expect(sqlite.prepare('SELECT count(*) FROM remote_leftover').pluck().get()).toBe(0);
  sqlite.close();
});
