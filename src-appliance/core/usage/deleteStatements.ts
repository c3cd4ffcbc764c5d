import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import { fileError } from '../state/fileErrors.ts';
import {
  listStatementFiles,
  listStatementNumbers,
  readManifest,
  readStatementCount,
  saveStatementCount,
  statementFolder,
  statementKeptMs,
  statementPath,
} from './statementFiles.ts';

/** When a statement was made, epoch ms: as its manifest says, or for a damaged one, when the file was written. */
function readAge(stateFolder: string, number: number): number {
  try {
    return Date.parse(readManifest(stateFolder, number).manifest.madeAt);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return lstatSync(statementPath(stateFolder, number, 'manifest.jws')).mtimeMs;
  }
}

/** Runs `work`. Returns why it failed, or null. */
function describeFailure(path: string, work: () => void): string | null {
  try {
    work();
    return null;
  } catch (cause) {
    return fileError(path, cause).message;
  }
}

/** A damaged count stays as it is: it stops new statements until it is repaired, but no deletion. */
function keepCount(stateFolder: string): void {
  let count: number;
  try {
    count = readStatementCount(stateFolder);
  } catch (error) {
    if (error instanceof AppError) return;
    throw error;
  }
  saveStatementCount(stateFolder, count);
}

/**
 * Deletes statements that are older than 12 months at `now` (epoch ms), with their reports and answers. A statement that can't
 * be deleted stops no other one: `problems` says why. Call it only while holding the lock of statements.
 */
export function deleteOldStatements(stateFolder: string, now: number) {
  const problems: string[] = [];
  let deleted = 0;
  const old: number[] = [];
  for (const number of listStatementNumbers(stateFolder)) {
    const path = statementPath(stateFolder, number, 'manifest.jws');
    const problem = describeFailure(path, () => {
      if (readAge(stateFolder, number) < now - statementKeptMs) old.push(number);
    });
    if (problem !== null) problems.push(problem);
  }
  // The count first: a number that is deleted must not be used again.
  const unkept =
    old.length === 0 ? null : describeFailure(statementFolder(stateFolder), () => keepCount(stateFolder));
  if (unkept !== null) return { deleted, problems: [...problems, unkept] };
  for (const number of old) {
    const found = (['report.jsonl', 'acknowledgement.jws', 'manifest.jws'] as const).flatMap((part) => {
      const path = statementPath(stateFolder, number, part);
      return describeFailure(path, () => rmSync(path, { force: true })) ?? [];
    });
    problems.push(...found);
    if (found.length === 0) deleted += 1;
  }
  return { deleted, problems };
}

/**
 * Deletes what a failed or killed call left: reports and answers without a manifest, and unfinished files. Returns why some
 * can't be deleted. Call it only while holding the lock of statements.
 */
export function deleteUnfinished(stateFolder: string): string[] {
  const kept = new Set(listStatementNumbers(stateFolder));
  const isUnfinished = (name: string) => {
    const number = /^(\d{6,7})\.(?:report\.jsonl|acknowledgement\.jws)$/u.exec(name)?.[1];
    return number === undefined ? name.endsWith('.new') : !kept.has(Number(number));
  };
  return listStatementFiles(stateFolder)
    .filter(isUnfinished)
    .flatMap((name) => {
      const path = join(statementFolder(stateFolder), name);
      return describeFailure(path, () => rmSync(path, { force: true })) ?? [];
    });
}
