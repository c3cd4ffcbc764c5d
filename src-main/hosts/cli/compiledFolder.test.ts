import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCompiledFolder } from './compiledFolder.ts';

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-compiled-'));
  data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('findCompiledFolder', () => {
  it('when the data folder is this user’s, makes a folder in it that only the user can enter', () => {
    const compiled = findCompiledFolder(data);
    expect(compiled).toBe(join(data, 'compiled'));
    expect(statSync(join(data, 'compiled')).mode & 0o777).toBe(0o700);
    expect(findCompiledFolder(data)).toBe(compiled);
  });

  it('when there is no data folder, makes none', () => {
    rmSync(data, { recursive: true });
    expect(findCompiledFolder(data)).toBeNull();
    expect(existsSync(data)).toBe(false);
  });

  it.each([
    ['the data folder', () => chmodSync(data, 0o777)],
    ['the folder above it', () => chmodSync(folder, 0o777)],
    [
      'the folder in it',
      () => {
        mkdirSync(join(data, 'compiled'));
        chmodSync(join(data, 'compiled'), 0o770);
      },
    ],
  ])('when others can write to %s, gives none', (_, change) => {
    change();
    expect(findCompiledFolder(data)).toBeNull();
  });

  it('when the folder in it is a link, gives none', () => {
    symlinkSync(folder, join(data, 'compiled'));
    expect(findCompiledFolder(data)).toBeNull();
  });

  it('when root or another user runs in it, gives none', () => {
    for (const user of [0, 12_345]) {
      if (user === process.geteuid?.()) continue;
      expect(findCompiledFolder(data, user)).toBeNull();
    }
    expect(existsSync(join(data, 'compiled'))).toBe(false);
  });
});
