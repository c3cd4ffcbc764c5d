import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commit that a program was built from or runs from; `modified`: with changes that are not committed. */
type BuildRecord = { commit: string; committedAt: string; modified: boolean };

const commitDigits = 12;

/** The commit that is checked out in `root`. Null if git is missing or `root` is no checkout. */
export function describeCommit(root: string): BuildRecord | null {
  if (!existsSync(join(root, '.git'))) return null;
  const git = (...words: string[]) =>
    execFileSync('git', ['--no-optional-locks', ...words], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const shown = git('log', '-1', `--abbrev=${commitDigits}`, '--format=%h %cI');
    const [commit = '', committedAt = ''] = shown.split(' ');
    return { commit, committedAt, modified: git('status', '--porcelain', '--untracked-files=no') !== '' };
  } catch {
    return null;
  }
}

/** Null if the text is no record. Not with zod, because the version needs no package. */
function parseRecord(text: string): BuildRecord | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  if (!('commit' in value) || typeof value.commit !== 'string') return null;
  if (!('committedAt' in value) || typeof value.committedAt !== 'string') return null;
  if (!('modified' in value) || typeof value.modified !== 'boolean') return null;
  return { commit: value.commit, committedAt: value.committedAt, modified: value.modified };
}

/** The commit of this program: from `build.json` beside the built files, or from git in a checkout. Null if there is neither. */
export function readBuildRecord(folder = import.meta.dirname): BuildRecord | null {
  const record = join(folder, '../build.json');
  if (!existsSync(record)) return describeCommit(join(folder, '../..'));
  try {
    return parseRecord(readFileSync(record, 'utf8'));
  } catch {
    return null;
  }
}
