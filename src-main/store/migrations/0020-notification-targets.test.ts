import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';
import { notifications } from './0008-notifications.ts';
import { notificationTargets } from './0020-notification-targets.ts';

test('when a target or a notification is removed, deletes what was sent', () => {
  const sqlite = new Database(':memory:');
  sqlite.pragma('foreign_keys = ON');
  for (const { sql } of [inventory, notifications, notificationTargets]) sqlite.exec(sql);
  sqlite.exec("INSERT INTO appliance VALUES ('a', 'kiln', '{}', 'now')");
  const raise = sqlite.prepare(
    "INSERT INTO notification VALUES (?, ?, 'a', '', NULL, 'kind', 'text', 'now', NULL, NULL, 0)",
  );
  const target = sqlite.prepare("INSERT INTO notification_target VALUES (?, ?, '{}', 0, 0, NULL, NULL)");
  const deliver = sqlite.prepare("INSERT INTO notification_delivery VALUES (?, ?, 'raised', 'sent')");
  for (const id of ['1', '2']) {
    raise.run(id, `subject ${id}`);
    target.run(id, `target ${id}`);
  }
  for (const [to, of] of [
    ['1', '1'],
    ['1', '2'],
    ['2', '2'],
  ])
    deliver.run(to, of);
  expect(() => deliver.run('1', '1')).toThrow(/UNIQUE/u);
  expect(() => deliver.run('3', '1')).toThrow(/FOREIGN KEY/u);
  expect(() => target.run('3', 'target 1')).toThrow(/UNIQUE/u);
  const left = () =>
    sqlite.prepare('SELECT target_id || notification_id FROM notification_delivery ORDER BY 1').pluck().all();
  sqlite.exec("DELETE FROM notification WHERE id = '1'");
  expect(left()).toEqual(['12', '22']);
  sqlite.exec("DELETE FROM notification_target WHERE id = '2'");
  expect(left()).toEqual(['12']);
  sqlite.close();
});
