import Database from 'better-sqlite3';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { migrate, storeVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openStore } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'sallyport-store-')), 'data');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const mode = (path: string) => statSync(path).mode & 0o777;

test('when the umask allows others, the folder and its files are still private', () => {
  const before = process.umask(0o000);
  try {
    const store = openStore({ folder });
    store.run(store.query.updateTable('auditHead').set({ count: 1, head: 'x' }));
    expect(mode(folder)).toBe(0o700);
    for (const name of ['store.db', 'store.db-wal', 'store.db-shm'])
      expect([name, mode(join(folder, name))]).toEqual([name, 0o600]);
    store.close();
  } finally {
    process.umask(before);
  }
});

test('rejects a database of a newer version with STORE_FROM_FUTURE, and does not change it', () => {
  openStore({ folder }).close();
  const sqlite = new Database(join(folder, 'store.db'));
  sqlite.pragma('user_version = 4711');
  sqlite.close();
  expect(() => openStore({ folder })).toThrow(
    expect.objectContaining({ code: 'STORE_FROM_FUTURE', detail: expect.objectContaining({ found: 4711 }) }),
  );
});

test('rejects a file that is not a database with STORE_FAILED', () => {
  openStore({ folder }).close();
  writeFileSync(join(folder, 'store.db'), 'this is no database, however long it may be'.repeat(100));
  expect(() => openStore({ folder })).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
});

test('rejects an unusable folder with STORE_FAILED', () => {
  writeFileSync(join(folder, '..', 'file'), '');
  expect(() => openStore({ folder: join(folder, '..', 'file', 'data') })).toThrow(
    expect.objectContaining({ code: 'STORE_FAILED' }),
  );
});

test('when a database is migrated, a backup has its old content', () => {
  openStore({ folder }).close();
  const path = join(folder, 'store.db');
  const sqlite = new Database(path);
  sqlite.prepare("INSERT INTO appliance VALUES ('i', 'kiln', '{}', 'now')").run();
  const next = {
    version: migrations.length + 1,
    name: 'next',
    sql: 'DROP TABLE observation; DROP TABLE appliance',
  };
  migrate({ sqlite, path, migrations: [...migrations, next] });
  expect(storeVersion(sqlite)).toBe(next.version);
  sqlite.close();
  const backup = new Database(`${path}.v${migrations.length}.backup`, { readonly: true });
  expect(backup.prepare('SELECT name FROM appliance').pluck().get()).toBe('kiln');
  backup.close();
});

test('when a migration fails, the version and the tables stay as they were', () => {
  openStore({ folder }).close();
  const path = join(folder, 'store.db');
  const sqlite = new Database(path);
  const broken = {
    version: migrations.length + 1,
    name: 'broken',
    sql: 'DROP TABLE host_key; SELECT nonsense(',
  };
  expect(() => migrate({ sqlite, path, migrations: [...migrations, broken] })).toThrow('incomplete input');
  expect(storeVersion(sqlite)).toBe(migrations.length);
  expect(sqlite.prepare('SELECT count(*) FROM host_key').pluck().get()).toBe(0);
  sqlite.close();
});

test('migrations have the versions 1, 2, 3, … without gaps', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
});

test('when a write throws, changes nothing', () => {
  const store = openStore({ folder });
  expect(() =>
    store.write(() => {
      store.run(store.query.updateTable('auditHead').set({ count: 1, head: 'x' }));
      throw new Error('stop');
    }),
  ).toThrow('stop');
  expect(store.first(store.query.selectFrom('auditHead').select('count'))).toEqual({ count: 0 });
  store.close();
});

test('when another process writes, calls the listeners; own writes call none', async () => {
  const store = openStore({ folder });
  const listener = vi.fn<() => void>();
  store.onForeignChange(listener);
  store.run(store.query.updateTable('auditHead').set({ count: 1, head: 'mine' }));
  const script = join(folder, 'other.mjs');
  const sqlite = import.meta.resolve('better-sqlite3');
  writeFileSync(
    script,
    `import Database from ${JSON.stringify(sqlite)};
     new Database(${JSON.stringify(join(folder, 'store.db'))}).exec("UPDATE audit_head SET count = 2, head = 'theirs'");`,
  );
  expect(listener).not.toHaveBeenCalled();
  await once(fork(script), 'exit');
  await expect.poll(() => listener.mock.calls.length).toBeGreaterThan(0);
  expect(store.first(store.query.selectFrom('auditHead').select('head'))).toEqual({ head: 'theirs' });
  expect(listener).toHaveBeenCalledTimes(1);
  store.close();
  expect(existsSync(script)).toBe(true);
});

test('when a listener fails, calls the others, and calls it again later', async () => {
  const failures: unknown[] = [];
  const store = openStore({ folder, onPollFailed: (thrown) => failures.push(thrown) });
  const locked = new AppError('STORE_FAILED', 'database is locked');
  const failing = vi.fn<() => void>().mockImplementationOnce(() => {
    throw locked;
  });
  const other = vi.fn<() => void>();
  store.onForeignChange(failing);
  store.onForeignChange(other);
  const sqlite = new Database(join(folder, 'store.db'));
  sqlite.exec("INSERT INTO setting VALUES ('theirs', '1')");
  sqlite.close();
  await expect.poll(() => failing.mock.calls.length).toBe(2);
  expect(failures).toEqual([locked]);
  expect(other).toHaveBeenCalledTimes(1);
  store.close();
});

test('when a row is written and read, its columns have camel-case names, and nulls and numbers stay', () => {
  const store = openStore({ folder });
  const row = { id: 'i', name: 'kiln', entryJson: '{}', createdAt: 'now' };
  store.run(store.query.insertInto('appliance').values(row));
  store.run(store.query.replaceInto('appliance').values({ ...row, entryJson: '{"a_b":1}' }));
  expect(store.all(store.query.selectFrom('appliance').selectAll())).toEqual([
    { ...row, entryJson: '{"a_b":1}' },
  ]);
  const span = { id: 's', applianceId: 'i', fromMs: 1, toMs: 2 };
  store.run(store.query.insertInto('watchSpan').values(span));
  expect(store.first(store.query.selectFrom('watchSpan').select(['fromMs', 'toMs as lastMs']))).toEqual({
    fromMs: 1,
    lastMs: 2,
  });
  const joined = store.query
    .selectFrom('watchSpan')
    .leftJoin('observation', 'observation.applianceId', 'watchSpan.applianceId')
    .select(['watchSpan.id', 'observation.observedAt']);
  expect(store.all(joined)).toEqual([{ id: 's', observedAt: null }]);
  expect(store.first(joined.where('watchSpan.toMs', '>', 2))).toBeUndefined();
  store.close();
});
