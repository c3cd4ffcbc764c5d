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

test('makes every level that is missing, for its owner alone', () => {
  createDataFolder(join(folder, 'a/b'));
  createDataFolder(join(folder, 'a/b'));
  for (const path of ['a', 'a/b']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
});

test.skipIf(!existsSync('/proc/self')).each(['/proc/nope', '/proc/nope/deeper'])(
  'a place that takes no folders is refused at once: %s',
  (path) => {
    expect(() => createDataFolder(path)).toThrow(expect.objectContaining({ code: 'STORE_FAILED' }));
  },
);

test('a file on the way is refused', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => createDataFolder(join(folder, 'file/data'))).toThrow(
    expect.objectContaining({ code: 'STORE_FAILED' }),
  );
});
