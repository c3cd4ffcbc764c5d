import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { notifications } from './0008-notifications.ts';

test('keeps one open notification per subject, and allows another one after it has cleared', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  sqlite.exec(inventory.sql);
  sqlite.exec(notifications.sql);
  sqlite.prepare("INSERT INTO appliance VALUES ('1', 'kiln', '{}', 'now')").run();
  const insert = sqlite.prepare(
    "INSERT INTO notification VALUES (?, 'down/acme/2200', '1', 'acme', 2200, 'tunnel-down', 'is down', 'now', ?, NULL, 0)",
  );
  insert.run('a', null);
  expect(() => insert.run('b', null)).toThrow('UNIQUE');
  sqlite.prepare("UPDATE notification SET cleared_at = 'later'").run();
  insert.run('b', null);
  sqlite.prepare('DELETE FROM appliance').run();
  expect(sqlite.prepare('SELECT count(*) FROM notification').pluck().get()).toBe(0);
  sqlite.close();
});
