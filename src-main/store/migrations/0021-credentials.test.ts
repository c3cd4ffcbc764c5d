import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { credentials } from './0021-credentials.ts';

test('when a credential has a taken name or an unknown kind, refuses it', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(credentials.sql);
  const add = sqlite.prepare("INSERT INTO credential VALUES (?, ?, NULL, ?, 'now', NULL)");
  add.run('1', 'ops', 'password');
  expect(() => add.run('2', 'ops', 'password')).toThrow(/UNIQUE/u);
  expect(() => add.run('2', 'root', 'token')).toThrow(/CHECK/u);
  add.run('2', 'root', 'both');
  expect(sqlite.prepare('SELECT name FROM credential ORDER BY id').pluck().all()).toEqual(['ops', 'root']);
  sqlite.close();
});
