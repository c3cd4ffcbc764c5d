import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { settings } from './0004-settings.ts';

test('keeps one value per setting, only JSON', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(settings.sql);
  const insert = sqlite.prepare('INSERT INTO setting VALUES (?, ?)');
  insert.run('probing', '{}');
  expect(() => insert.run('probing', '{}')).toThrow('UNIQUE');
  expect(() => insert.run('other', 'no json')).toThrow('CHECK');
  sqlite.close();
});
