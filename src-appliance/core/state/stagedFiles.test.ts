import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mountOwnDisk } from '../../lab/ownDisk.ts';
import { finishStagedFiles, readCommitted, replaceFilesTogether } from './stagedFiles.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'staged-files-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Two files in two folders with old content, and the change that replaces both. */
function prepare(base: string, size = 1) {
  const folder = join(base, 'state');
  const paths = [join(folder, 'licence'), join(base, 'data', 'configuration')];
  for (const path of paths) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'old');
  }
  const replace = (afterStep = () => {}) => {
    const files = paths.map((path) => ({ path, data: 'new'.padEnd(size, ' '), mode: 0o600 }));
    replaceFilesTogether({ folder, files, afterStep });
  };
  const contents = () => paths.map((path) => readFileSync(path, 'utf8').trim());
  const committed = () =>
    paths.map((path) => readCommitted(folder, path, (at) => readFileSync(at, 'utf8')).trim());
  const leftovers = () =>
    [folder, join(base, 'data')]
      .flatMap((each) => readdirSync(each))
      .filter((name) => /staged|journal/u.test(name));
  return {
    folder,
    paths,
    replace,
    contents,
    committed,
    leftovers,
    finish: () => finishStagedFiles(folder, paths),
  };
}

describe('readCommitted', () => {
  test('when another command completes the change while a file is read, reads the new file', () => {
    const change = prepare(root);
    const stop = new Error('stop');
    expect(() => {
      change.replace(() => {
        if (existsSync(join(change.folder, 'journal.json'))) throw stop;
      });
    }).toThrow('stop');
    for (const path of change.paths) {
      const tried: string[] = [];
      const text = readCommitted(change.folder, path, (at) => {
        tried.push(at);
        change.finish();
        return readFileSync(at, 'utf8').trim();
      });
      expect(text).toBe('new');
      expect(tried.at(-1)).toBe(path);
    }
  });

  test('when there is no file at all, fails', () => {
    const missing = join(root, 'missing');
    expect(() => readCommitted(root, missing, (at) => readFileSync(at))).toThrow('ENOENT');
  });
});

describe('replaceFilesTogether', () => {
  test('when the process is killed after any file operation, the next command finds the old or the new files', () => {
    const change = prepare(join(root, 'live'));
    const images: string[] = [];
    change.replace(() => {
      const image = join(root, `image-${images.length}`);
      cpSync(join(root, 'live'), image, { recursive: true });
      images.push(image);
    });
    expect(change.contents()).toEqual(['new', 'new']);
    expect(change.leftovers()).toEqual([]);
    const outcomes = images.map((image) => {
      rmSync(join(root, 'live'), { recursive: true });
      cpSync(image, join(root, 'live'), { recursive: true });
      const seen = change.committed();
      change.finish();
      // What readers saw before the recovery stays true.
      expect(change.contents()).toEqual(seen);
      expect(change.leftovers()).toEqual([]);
      expect(new Set(seen).size).toBe(1);
      return seen[0];
    });
    expect(outcomes.length).toBeGreaterThan(15);
    expect(outcomes).toEqual(outcomes.toSorted((a, b) => (a === b ? 0 : a === 'old' ? -1 : 1)));
    expect(new Set(outcomes)).toEqual(new Set(['old', 'new']));
  });

  test('when the recovery itself is killed, the next one completes it', () => {
    const change = prepare(join(root, 'live'));
    let steps = 0;
    expect(() =>
      change.replace(() => {
        steps += 1;
        // The first file was renamed after the commit.
        if (existsSync(join(change.folder, 'journal.json')) && change.contents()[0] === 'new')
          throw new Error('killed');
      }),
    ).toThrow(/will be completed by the next command/u);
    expect(steps).toBeGreaterThan(5);
    expect(change.contents()).toEqual(['new', 'old']);
    expect(change.committed()).toEqual(['new', 'new']);
    change.finish();
    change.finish();
    expect(change.contents()).toEqual(['new', 'new']);
    expect(change.leftovers()).toEqual([]);
  });

  test('when the disk is full at any size, keeps the old files, and works once there is space', async ({
    skip,
  }) => {
    const disk = await mountOwnDisk(join(root, 'disk'));
    if (disk === null) return skip('this computer gives users no disk of their own');
    try {
      const change = prepare(disk.path, 100_000);
      for (const freeBytes of [0, 4096, 65_536, 100_000, 150_000, 200_000]) {
        await disk.fill(freeBytes);
        expect(() => change.replace()).toThrow(/the disk is full/u);
        expect(change.contents()).toEqual(['old', 'old']);
        expect(change.leftovers()).toEqual([]);
        await disk.free();
      }
      change.replace();
      expect(change.contents()).toEqual(['new', 'new']);
    } finally {
      await disk.close();
    }
  });

  test('when the file system becomes read-only before or in the middle, no mixture is visible', async ({
    skip,
  }) => {
    const disk = await mountOwnDisk(join(root, 'disk'));
    if (disk === null) return skip('this computer gives users no disk of their own');
    const [, , pid = ''] = disk.path.split('/');
    const remount = (mode: 'ro' | 'rw') => {
      const enter = ['-t', pid, '-U', '-m', '--preserve-credentials'];
      const argv = [...enter, 'mount', '-o', `remount,${mode}`, join(root, 'disk')];
      // Fails while a file is open for writing, as on a real disk.
      spawnSync('nsenter', argv, { stdio: 'ignore' });
    };
    try {
      const change = prepare(disk.path);
      remount('ro');
      expect(() => change.replace()).toThrow(/the disk is read-only/u);
      expect(change.committed()).toEqual(['old', 'old']);
      let steps = 0;
      const failures: string[] = [];
      for (let failing = 1; failing < 40; failing += 1) {
        remount('rw');
        change.finish();
        for (const path of change.paths) writeFileSync(path, 'old');
        steps = 0;
        let failure: string | null = null;
        try {
          change.replace(() => {
            steps += 1;
            if (steps === failing) remount('ro');
          });
        } catch (error) {
          failure = String(error);
        }
        if (steps < failing) break;
        expect(new Set(change.committed()).size).toBe(1);
        if (failure !== null) failures.push(`${change.committed()[0] ?? ''}: ${failure}`);
      }
      expect(steps).toBeGreaterThan(15);
      expect(new Set(failures.map((failure) => failure.slice(0, 3)))).toEqual(new Set(['old', 'new']));
      for (const failure of failures)
        expect(failure).toMatch(/^old: .*read-only|^new: .*will be completed by the next command/u);
    } finally {
      await disk.close();
    }
  });

  test('when the journal is damaged, changes nothing', () => {
    const change = prepare(root);
    writeFileSync(join(change.folder, 'journal.json'), '{}');
    expect(() => change.finish()).toThrow(/journal.json is damaged; nothing was changed/u);
    expect(change.committed()).toEqual(['old', 'old']);
  });
});
