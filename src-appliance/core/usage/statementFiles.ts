import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import { readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import {
  usageAcknowledgementSchema,
  usageStatementSchema,
  type UsageAcknowledgement,
  type UsageStatement,
} from '../../../src-shared/model/usage/usageStatement.ts';
import { readBounded, replaceFile } from '../../../src-shared/node/files.ts';
import { fileError, isMissing } from '../state/fileErrors.ts';

/*
 * The kept statements, in a folder that only root may read: NNNNNN.report.jsonl is the report, NNNNNN.manifest.jws its signed
 * manifest and NNNNNN.acknowledgement.jws the authority's answer. A statement exists once its manifest has its name.
 */

/** Reports are kept for 12 months, like the vendor's **[doc: the vendor; ours: the appliance]**. */
export const statementKeptMs = 365 * dayMs;

export type StatementPart = 'report.jsonl' | 'manifest.jws' | 'acknowledgement.jws';

export function statementFolder(stateFolder: string): string {
  return join(stateFolder, 'usage');
}

export function statementPath(stateFolder: string, number: number, part: StatementPart): string {
  return join(statementFolder(stateFolder), `${String(number).padStart(6, '0')}.${part}`);
}

export function makeStatementFolder(stateFolder: string): void {
  mkdirSync(statementFolder(stateFolder), { recursive: true, mode: 0o700 });
}

const countPath = (stateFolder: string) => join(statementFolder(stateFolder), 'count.json');
const countSchema = z.strictObject({ format: z.literal(1), made: z.int().nonnegative() });

/** How many statements were ever made. Throws COMMAND_FAILED if the record is damaged, because a number must not be used twice. */
export function readStatementCount(stateFolder: string): number {
  const path = countPath(stateFolder);
  const newest = Math.max(0, ...listStatementNumbers(stateFolder));
  try {
    return Math.max(newest, countSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).made);
  } catch (error) {
    if (isMissing(error)) return newest;
    throw new AppError('COMMAND_FAILED', `${path} is damaged; nothing was changed`, { cause: error });
  }
}

export function saveStatementCount(stateFolder: string, made: number): void {
  const data = `${JSON.stringify({ format: 1, made })}\n`;
  replaceFile({ path: countPath(stateFolder), data, mode: 0o600, isDurable: true });
}

/** Oldest first. */
export function listStatementNumbers(stateFolder: string): number[] {
  try {
    return readdirSync(statementFolder(stateFolder))
      .flatMap((name) => /^(\d{6,7})\.manifest\.jws$/u.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(statementFolder(stateFolder), error);
  }
}

function readPart(stateFolder: string, number: number, part: StatementPart): string | null {
  const path = statementPath(stateFolder, number, part);
  try {
    const file = readBounded(path, { maxBytes: maxDocumentBytes, isLinkFollowed: false });
    return typeof file === 'string' ? '' : file.content.toString('utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileError(path, error);
  }
}

export type KeptStatement = {
  manifest: UsageStatement;
  document: string;
  acknowledgement: { payload: UsageAcknowledgement; document: string } | null;
};

function damaged(path: string): AppError {
  return new AppError('COMMAND_FAILED', `${path} is damaged; restore it from a backup`);
}

/** A kept statement. Throws NOT_FOUND, or COMMAND_FAILED for a damaged one. */
export function readStatement(stateFolder: string, number: number): KeptStatement {
  const document = readPart(stateFolder, number, 'manifest.jws');
  if (document === null) throw new AppError('NOT_FOUND', `statement ${number} is not kept`);
  const read = readDocument(document, 'statement');
  const manifest = 'problem' in read ? null : usageStatementSchema.safeParse(read.payload);
  if (manifest?.success !== true) throw damaged(statementPath(stateFolder, number, 'manifest.jws'));
  const answer = readPart(stateFolder, number, 'acknowledgement.jws');
  if (answer === null) return { manifest: manifest.data, document, acknowledgement: null };
  const readAnswer = readDocument(answer, 'acknowledgement');
  const payload = 'problem' in readAnswer ? null : usageAcknowledgementSchema.safeParse(readAnswer.payload);
  if (payload?.success !== true) throw damaged(statementPath(stateFolder, number, 'acknowledgement.jws'));
  return { manifest: manifest.data, document, acknowledgement: { payload: payload.data, document: answer } };
}

/** Deletes statements that are older than 12 months, with their reports and answers. Call it only while holding the lock. */
export function deleteOldStatements(stateFolder: string, now: number): number {
  const old = listStatementNumbers(stateFolder).filter(
    (number) => Date.parse(readStatement(stateFolder, number).manifest.madeAt) < now - statementKeptMs,
  );
  // The count first: a number that is deleted must not be used again.
  if (old.length > 0) saveStatementCount(stateFolder, readStatementCount(stateFolder));
  for (const number of old)
    for (const part of ['report.jsonl', 'acknowledgement.jws', 'manifest.jws'] as const)
      rmSync(statementPath(stateFolder, number, part), { force: true });
  return old.length;
}
