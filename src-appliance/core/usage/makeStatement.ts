import { createHash, randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { usageStatementSchema, type UsageStatement } from '../../../src-shared/model/usage/usageStatement.ts';
import type { StatementKind } from '../../../src-shared/model/usage/usageReport.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';
import type { Appliance } from '../appliance.ts';
import { openIdentity, signDocument } from '../licence/identity.ts';
import { fileError } from '../state/fileErrors.ts';
import { makePerUserReport } from './perUserReport.ts';
import { makeStandardReport } from './standardReport.ts';
import {
  deleteOldStatements,
  makeStatementFolder,
  readStatement,
  readStatementCount,
  saveStatementCount,
  listStatementNumbers,
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

/** The hash of the manifest before, null if it is not kept. */
function hashPrevious(stateFolder: string, number: number): string | null {
  if (!listStatementNumbers(stateFolder).includes(number)) return null;
  return sha256(readStatement(stateFolder, number).document);
}

/**
 * Makes a statement with the next number: keeps the report and its signed manifest for 12 months. A failed or killed call uses
 * no number. Throws like the reports, and COMMAND_FAILED if the statement can't be kept.
 */
export function makeStatement(
  appliance: Appliance,
  { kind, month }: { kind: StatementKind; month: string | undefined },
): Promise<{ manifest: UsageStatement; notes: readonly string[] }> {
  const { stateFolder, applianceId } = appliance.config;
  return appliance.lock(async () => {
    const context = await readUsageContext(appliance, month);
    makeStatementFolder(stateFolder);
    deleteOldStatements(stateFolder, context.now);
    const number = readStatementCount(stateFolder) + 1;
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
    const identity = await openIdentity(stateFolder);
    const data = await signDocument(identity, { type: 'statement', payload: manifest });
    const path = statementPath(stateFolder, number, 'manifest.jws');
    replaceFile({ path, data, mode: 0o600, isDurable: true });
    saveStatementCount(stateFolder, number);
    return { manifest, notes: context.notes };
  });
}
