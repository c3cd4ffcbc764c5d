import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeCommit, readBuildRecord } from './buildRecord.ts';

let root: string;
const record = { commit: '0123456789ab', committedAt: '2026-01-02T03:04:05Z', modified: false };
const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-build-'));
  mkdirSync(join(root, 'out/desktop'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('when the folder is a checkout, its commit is known, and whether files are changed', () => {
  git('init', '--quiet');
  writeFileSync(join(root, 'file'), 'one');
  git('add', 'file');
  git('-c', 'user.name=n', '-c', 'user.email=e', 'commit', '--quiet', '--message', 'm');
  const commit = git('rev-parse', '--short=12', 'HEAD');
  expect(describeCommit(root)).toEqual({
    commit,
    committedAt: git('log', '-1', '--format=%cI'),
    modified: false,
  });
  writeFileSync(join(root, 'file'), 'two');
  expect(describeCommit(root)).toMatchObject({ commit, modified: true });
});

test('when the folder is no checkout, the commit is unknown', () => {
  expect(describeCommit(root)).toBeNull();
  writeFileSync(join(root, '.git'), 'gitdir: missing');
  expect(describeCommit(root)).toBeNull();
});

function readWritten(text: string) {
  writeFileSync(join(root, 'out/build.json'), text);
  return readBuildRecord(join(root, 'out/desktop'));
}

test('when the built files have a record, it is read, and a faulty one is not', () => {
  expect(readWritten(JSON.stringify(record))).toEqual(record);
  for (const text of ['', 'null', '{}', JSON.stringify({ ...record, modified: 'no' })])
    expect([text, readWritten(text)]).toEqual([text, null]);
});
