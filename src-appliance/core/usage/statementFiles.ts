import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
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
import { createFileLock, type StateLock } from '../state/stateLock.ts';

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

const lockSeconds = 10;

/** The lock of the kept statements. Tenants have another one, because a statement of a million accounts takes long. */
export function createStatementLock(stateFolder: string): StateLock {
  return createFileLock({ path: join(stateFolder, 'usage.lock'), waitSeconds: lockSeconds });
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

/** The names of all files in the folder of statements. */
export function listStatementFiles(stateFolder: string): string[] {
  try {
    return readdirSync(statementFolder(stateFolder));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(statementFolder(stateFolder), error);
  }
}

/** Oldest first. */
export function listStatementNumbers(stateFolder: string): number[] {
  return listStatementFiles(stateFolder)
    .flatMap((name) => /^(\d{6,7})\.manifest\.jws$/u.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
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

function damaged(path: string): AppError {
  return new AppError('COMMAND_FAILED', `${path} is damaged; restore it from a backup`);
}

export type KeptManifest = { manifest: UsageStatement; document: string };

/** The manifest of a kept statement. Throws NOT_FOUND, or COMMAND_FAILED for a damaged one. */
export function readManifest(stateFolder: string, number: number): KeptManifest {
  const document = readPart(stateFolder, number, 'manifest.jws');
  if (document === null) throw new AppError('NOT_FOUND', `statement ${number} is not kept`);
  const read = readDocument(document, 'statement');
  const manifest = 'problem' in read ? null : usageStatementSchema.safeParse(read.payload);
  if (manifest?.success !== true || manifest.data.number !== number)
    throw damaged(statementPath(stateFolder, number, 'manifest.jws'));
  return { manifest: manifest.data, document };
}

/** The authority's answer to a statement, null if none is kept. Throws COMMAND_FAILED for a damaged one. */
export function readAcknowledgement(
  stateFolder: string,
  number: number,
): { payload: UsageAcknowledgement; document: string } | null {
  const document = readPart(stateFolder, number, 'acknowledgement.jws');
  if (document === null) return null;
  const read = readDocument(document, 'acknowledgement');
  const payload = 'problem' in read ? null : usageAcknowledgementSchema.safeParse(read.payload);
  if (payload?.success !== true) throw damaged(statementPath(stateFolder, number, 'acknowledgement.jws'));
  return { payload: payload.data, document };
}
