import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { audit } from './0003-audit.ts';

test('allows only adding records', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(audit.sql);
  sqlite
    .prepare(
      `INSERT INTO audit VALUES (1, 'at', 'event', NULL, 'o', 'admin', 's', 'e', 'x', 'ok', NULL, 'web', NULL, NULL, NULL, '', 'p', 'h')`,
    )
    .run();
  expect(() => sqlite.prepare("UPDATE audit SET detail = 'other'").run()).toThrow('append-only');
  expect(() => sqlite.prepare('DELETE FROM audit').run()).toThrow('append-only');
  expect(() => sqlite.prepare('DELETE FROM audit_head').run()).toThrow('only grows');
  expect(() => sqlite.prepare("UPDATE audit_head SET head = 'x'").run()).toThrow('only grows');
  sqlite.prepare("UPDATE audit_head SET count = 1, head = 'h'").run();
  expect(() => sqlite.prepare('UPDATE audit_head SET count = 0').run()).toThrow('only grows');
  sqlite.close();
});
