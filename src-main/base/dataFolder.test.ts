import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDataFolder } from './dataFolder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('creates all missing folders, which only their owner can read', () => {
  createDataFolder(join(folder, 'a/b'));
  createDataFolder(join(folder, 'a/b'));
  for (const path of ['a', 'a/b']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
});

test.skipIf(!existsSync('/proc/self')).each(['/proc/nope', '/proc/nope/deeper'])(
  'when a place takes no folders, rejects it at once: %s',
  (path) => {
    expect(() => createDataFolder(path)).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  },
);

test('when a parent path is a file, rejects it', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => createDataFolder(join(folder, 'file/data'))).toThrow(
    expect.objectContaining({ code: 'STORE_FAILED' }),
  );
});
