import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { shorten, visibleLine } from '../../../src-shared/base/machineText.ts';
import { syncFolder } from '../../../src-shared/node/files.ts';
import { fileError, isMissing } from './fileErrors.ts';

/*
 * Replaces several files as one change. Every new file is written and synced beside its target; then a journal names
 * them all. The change is committed once the journal has its name. After that it only rolls forward: each staged file
 * is renamed over its target, and then the journal is removed.
 */

const journalSchema = z.strictObject({
  format: z.literal(1),
  files: z.array(z.strictObject({ staged: z.string(), target: z.string() })).max(16),
});
type Journal = z.infer<typeof journalSchema>;

export type NewFile = {
  path: string;
  data: string;
  mode: number;
  owner?: { uid: number; gid: number } | undefined;
  /** Keeps the ACL and the other extended attributes of the file that is replaced, too. */
  keepsAttributes?: boolean;
};

function journalPath(folder: string): string {
  return join(folder, 'journal.json');
}

function readJournal(folder: string): Journal | null {
  const path = journalPath(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileError(path, error);
  }
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('COMMAND_FAILED', `${path} is damaged; nothing was changed`, { cause });
  }
}

/** On a file system that became read-only, the file stays and the next change removes it. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // See above.
  }
}

/**
 * Copies owner, mode, ACL and extended attributes. Node can't; cp(1) of coreutils is on every Debian. Throws NOT_PERMITTED,
 * so that no access is gained or lost silently.
 */
function copyAttributes(from: string, to: string): void {
  if (process.platform !== 'linux') return;
  const argv = ['--attributes-only', '--preserve=mode,ownership,xattr', '--', from, to];
  try {
    execFileSync('cp', argv, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
  } catch (cause) {
    const reason = cause instanceof Error ? shorten(visibleLine(cause.message), 300) : 'cp failed';
    const message = `the access rules of ${from} (owner, mode, ACL, extended attributes) can’t be kept, so nothing was changed: ${reason}`;
    throw new AppError('NOT_PERMITTED', message, { cause });
  }
}

function stage(file: NewFile, staged: string, afterStep: () => void): void {
  const descriptor = openSync(staged, 'wx', 0o600);
  try {
    afterStep();
    if (file.owner !== undefined) fchownSync(descriptor, file.owner.uid, file.owner.gid);
    fchmodSync(descriptor, file.mode & 0o7777);
    writeFileSync(descriptor, file.data);
    if (file.keepsAttributes === true) copyAttributes(file.path, staged);
    afterStep();
    fsyncSync(descriptor);
    afterStep();
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a journal or unfinished files of an interrupted change exist. */
export function hasJournal(folder: string): boolean {
  return existsSync(journalPath(folder));
}

/**
 * Replaces all files or none, also after `kill -9`, on a full disk and on a read-only file system. `folder` holds the
 * journal. `afterStep` is called after each file operation. Call it only while holding the lock, after
 * `finishStagedFiles`. Throws COMMAND_FAILED or NOT_PERMITTED.
 */
export function replaceFilesTogether(change: {
  folder: string;
  files: readonly NewFile[];
  afterStep: () => void;
}): void {
  const { folder, files, afterStep } = change;
  const id = randomUUID();
  const entries = files.map(({ path }) => ({ staged: `${path}.${id}.staged`, target: path }));
  const journal = {
    path: journalPath(folder),
    data: JSON.stringify({ format: 1, files: entries }),
    mode: 0o600,
  };
  const stagedJournal = `${journal.path}.${id}.staged`;
  let current = folder;
  try {
    for (const [index, file] of files.entries()) {
      current = file.path;
      stage(file, entries[index]?.staged ?? '', afterStep);
      syncFolder(dirname(file.path));
      afterStep();
    }
    current = journal.path;
    stage(journal, stagedJournal, afterStep);
    renameSync(stagedJournal, journal.path);
  } catch (error) {
    for (const staged of [...entries.map((entry) => entry.staged), stagedJournal]) removeIfPossible(staged);
    throw error instanceof AppError ? error : fileError(current, error);
  }
  afterStep();
  rollForward(folder, { format: 1, files: entries }, afterStep);
}

function rollForward(folder: string, journal: Journal, afterStep: () => void): void {
  let current = folder;
  try {
    syncFolder(folder);
    for (const { staged, target } of journal.files) {
      current = target;
      try {
        renameSync(staged, target);
      } catch (error) {
        // An interrupted run has renamed it already.
        if (!isMissing(error) || !existsSync(target)) throw error;
      }
      afterStep();
      syncFolder(dirname(target));
      afterStep();
    }
    current = journalPath(folder);
    rmSync(current);
    afterStep();
    syncFolder(folder);
  } catch (cause) {
    const { message } = fileError(current, cause);
    const reason = `${message}; the change is recorded and will be completed by the next command`;
    throw new AppError('COMMAND_FAILED', reason, { cause });
  }
}

/**
 * Completes or undoes an interrupted change: forward if it was committed, otherwise back. `targets` are the files that
 * changes replace. Call it only while holding the lock.
 */
export function finishStagedFiles(folder: string, targets: readonly string[]): void {
  const journal = readJournal(folder);
  if (journal !== null) rollForward(folder, journal, () => undefined);
  for (const target of [...targets, journalPath(folder)]) {
    const prefix = `${basename(target)}.`;
    for (const name of listFolder(dirname(target)))
      if (name.startsWith(prefix) && /^[0-9a-f-]{36}\.staged$/u.test(name.slice(prefix.length)))
        removeIfPossible(join(dirname(target), name));
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Where the committed content of `target` is. The file may move to `target` at any time. */
function committedPath(folder: string, target: string): string {
  let journal: Journal | null = null;
  try {
    journal = readJournal(folder);
  } catch {
    // This user may not read the journal, or it is damaged; the next change reports that.
  }
  const staged = journal?.files.find((file) => file.target === target)?.staged;
  return staged !== undefined && existsSync(staged) ? staged : target;
}

/**
 * Reads the committed content of `target`: a change that was committed but not completed counts as made. Needs no lock.
 * Throws like `read`.
 */
export function readCommitted<T>(folder: string, target: string, read: (path: string) => T): T {
  const path = committedPath(folder, target);
  try {
    return read(path);
  } catch (error) {
    // Another command has completed the change in between.
    if (path !== target && isMissing(error)) return read(target);
    throw error;
  }
}
