import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { inventory } from './0001-inventory.ts';

const insertKey = (sqlite: Database.Database, port: number) =>
  sqlite.prepare("INSERT INTO host_key VALUES ('h', ?, 't', 'f', 'at', 'by')").run(port);

test('names are unique, entries are JSON, and a host and port has one key', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(inventory.sql);
  const insert = sqlite.prepare('INSERT INTO appliance VALUES (?, ?, ?, ?)');
  insert.run('1', 'kiln', '{}', 'now');
  expect(() => insert.run('2', 'kiln', '{}', 'now')).toThrow('UNIQUE');
  expect(() => insert.run('2', 'mill', '{', 'now')).toThrow('CHECK');
  insertKey(sqlite, 22);
  expect(() => insertKey(sqlite, 22)).toThrow('UNIQUE');
  expect(() => insertKey(sqlite, 0)).toThrow('CHECK');
  sqlite.close();
});

test('tables are STRICT', () => {
  const sqlite = new Database(':memory:');
  sqlite.exec(inventory.sql);
  expect(() =>
    sqlite.prepare("INSERT INTO host_key VALUES ('h', 'twenty-two', 't', 'f', 'at', 'by')").run(),
  ).toThrow(/cannot store TEXT|CHECK/u);
  sqlite.close();
});
