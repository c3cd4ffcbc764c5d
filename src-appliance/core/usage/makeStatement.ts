import { createHash, randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { usageStatementSchema, type UsageStatement } from '../../../src-shared/model/usage/usageStatement.ts';
import type { StatementKind } from '../../../src-shared/model/usage/usageReport.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { readClock, requireKnownTime } from '../licence/clock.ts';
import { openIdentity, signDocument } from '../licence/identity.ts';
import { fileError } from '../state/fileErrors.ts';
import { makePerUserReport } from './perUserReport.ts';
import { makeStandardReport } from './standardReport.ts';
import { deleteOldStatements, deleteUnfinished } from './deleteStatements.ts';
import {
  createStatementLock,
  makeStatementFolder,
  readManifest,
  readStatementCount,
  saveStatementCount,
  statementPath,
} from './statementFiles.ts';
import { readUsageContext, withAccountSnapshot, type UsageContext } from './usageContext.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

type Written = { sha256: string; bytes: number; lines: number };

/** Writes the parts to a file, durably, and hashes what it wrote. Throws COMMAND_FAILED if the disk is full. */
async function writeReport(path: string, parts: AsyncIterable<string> | Iterable<string>): Promise<Written> {
  const digest = createHash('sha256');
  let [bytes, lines] = [0, 0];
  const file = await open(path, 'w', 0o600).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  try {
    for await (const part of parts) {
      const content = Buffer.from(part);
      digest.update(content);
      bytes += content.length;
      lines += part.split('\n').length - 1;
      await file.writeFile(content).catch((cause: unknown) => {
        throw fileError(path, cause);
      });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: digest.digest('hex'), bytes, lines };
}

function writeKind(context: UsageContext, kind: StatementKind, path: string): Promise<Written> {
  return withAccountSnapshot(context.appliance, async (reader, { place }) =>
    kind === 'standard'
      ? writeReport(path, [await makeStandardReport(context, reader)])
      : writeReport(path, makePerUserReport(context, { reader, place })),
  );
}

/** The hash of the manifest before, null if it is not kept or damaged. */
function hashPrevious(stateFolder: string, number: number): string | null {
  try {
    return sha256(readManifest(stateFolder, number).document);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Old statements are deleted in passing. If some can't be, the new one is made anyway. */
async function deleteInPassing({ config, log }: Appliance, now: number): Promise<void> {
  const problems = deleteUnfinished(config.stateFolder);
  problems.push(...deleteOldStatements(config.stateFolder, now).problems);
  for (const problem of problems)
    await log({ program: 'ke_usage_report', severity: 'warning', message: `not deleted: ${problem}` });
}

type StatementOptions = { kind: StatementKind; number: number };

/** Writes the report and then its signed manifest, with which the statement exists. */
async function writeStatement(context: UsageContext, { kind, number }: StatementOptions) {
  const { appliance } = context;
  const { stateFolder, applianceId } = appliance.config;
  const written = await writeKind(context, kind, statementPath(stateFolder, number, 'report.jsonl'));
  const manifest = usageStatementSchema.parse({
    format: 1,
    id: randomUUID(),
    applianceId,
    number,
    previous: hashPrevious(stateFolder, number - 1),
    kind,
    month: context.month.month,
    madeAt: new Date(context.now).toISOString(),
    ...written,
  });
  const identity = await appliance.lock(() => openIdentity(stateFolder));
  const data = await signDocument(identity, { type: 'statement', payload: manifest });
  const path = statementPath(stateFolder, number, 'manifest.jws');
  replaceFile({ path, data, mode: 0o600, isDurable: true });
  saveStatementCount(stateFolder, number);
  return manifest;
}

/**
 * Makes a statement with the next number: keeps the report and its signed manifest for 12 months. A failed or killed call uses
 * no number and leaves no report. Throws like the reports, BUSY while another statement is made, and COMMAND_FAILED if the
 * statement can't be kept or the clock is wrong.
 */
export function makeStatement(
  appliance: Appliance,
  { kind, month }: { kind: StatementKind; month: string | undefined },
): Promise<{ manifest: UsageStatement; notes: readonly string[] }> {
  const { stateFolder } = appliance.config;
  return createStatementLock(stateFolder)(async () => {
    requireKnownTime(await readClock(stateFolder, appliance.now()));
    const context = await readUsageContext(appliance, month);
    makeStatementFolder(stateFolder);
    await deleteInPassing(appliance, context.now);
    const number = readStatementCount(stateFolder) + 1;
    try {
      const manifest = await writeStatement(context, { kind, number });
      return { manifest, notes: context.notes };
    } catch (error) {
      deleteUnfinished(stateFolder);
      throw error;
    }
  });
}
