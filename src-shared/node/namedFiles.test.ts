import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertNewFile, assertWritableFolder, writeNewFile } from './namedFiles.ts';

let folder: string;
const path = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-named-'));
  mkdirSync(path('folder'));
  writeFileSync(path('file'), '');
  symlinkSync(path('folder'), path('link'));
  symlinkSync(path('nowhere'), path('dangling'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['folder', 'link', '.'])('when %s is a folder, files can be created there', (name) => {
  expect(() => assertWritableFolder(path(name))).not.toThrow();
});

test.each(['file', 'dangling', 'missing', 'file/below', 'missing/below'])(
  'when %s is no folder, no files can be created there',
  (name) => {
    expect(() => assertWritableFolder(path(name))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
  },
);

test.each([
  ['folder', 'ALREADY_EXISTS'],
  ['file', 'ALREADY_EXISTS'],
  ['link', 'ALREADY_EXISTS'],
  ['dangling', 'ALREADY_EXISTS'],
  ['missing/new', 'INVALID_INPUT'],
  ['file/new', 'INVALID_INPUT'],
])('when %s can’t be a new file, the check before says what writing would say', (name, code) => {
  const error = expect.objectContaining({ code });
  expect(() => assertNewFile(path(name))).toThrow(error);
  expect(() => writeNewFile(path(name), 'text')).toThrow(error);
});

test('when a file can be written, the check before creates nothing', () => {
  assertNewFile(path('folder/new'));
  expect(existsSync(path('folder/new'))).toBe(false);
  writeNewFile(path('folder/new'), 'text');
  expect(existsSync(path('folder/new'))).toBe(true);
});
