import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../../../src-shared/errors.ts';
import { readLongUsageReport, type ReadReport } from '../../../src-shared/model/usage/readReport.ts';
import { usageStatementSchema, type UsageStatement } from '../../../src-shared/model/usage/usageStatement.ts';
import type { ApplianceRecord, ApplianceStore } from './appliances.ts';
import { checkApplianceSignature, readApplianceDocument, refuse } from './signedByAppliance.ts';

/** SHA-256 in hexadecimal digits. */
export const hashOf = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** Reads UTF-8 and nothing else, so that the stored text has the bytes that were received. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The report is not UTF-8.', { cause });
  }
}

/**
 * Reads a report of `appliance`, while others are answered in between. Rejects with INVALID_INPUT unless it is whole and in its
 * canonical form.
 */
export async function readReport(
  bytes: Buffer,
  appliance: ApplianceRecord,
): Promise<{ read: ReadReport; text: string }> {
  const text = decode(bytes);
  const read = await readLongUsageReport(text, nextTurn);
  if (read.head.applianceId !== appliance.id)
    throw new AppError('INVALID_INPUT', `The report is of another appliance than ${appliance.name}.`);
  return { read, text };
}

/** The first line, and everything after it. */
function splitStatement(file: Buffer): { manifest: string; report: Buffer } {
  const end = file.indexOf('\n');
  if (end < 0) throw refuse('file', 'This is no usage statement: it has no report after its first line.');
  return { manifest: file.subarray(0, end).toString('latin1'), report: file.subarray(end + 1) };
}

export type SignedStatement = {
  appliance: ApplianceRecord;
  manifest: string;
  payload: UsageStatement;
  report: Buffer;
};

/** Verifies that the appliance signed the report. The report itself is not read yet. Throws like `recordStatement`. */
export async function verifyStatement(
  appliances: ApplianceStore,
  file: Buffer,
  sender: ApplianceRecord | null,
): Promise<SignedStatement> {
  const { manifest, report } = splitStatement(file);
  const { keyId, payload } = readApplianceDocument(manifest, 'statement', usageStatementSchema);
  // Before anything is looked up, so that a key says nothing about other appliances.
  if (sender !== null && sender.id !== payload.applianceId)
    throw new AppError('NOT_PERMITTED', `The statement is of another appliance than ${sender.name}.`);
  const appliance = appliances.find(payload.applianceId);
  if (appliance.identity === null)
    throw refuse('identity', `${appliance.name} has sent no request yet, so that its key is unknown.`);
  await checkApplianceSignature(manifest, keyId, appliance.identity);
  if (hashOf(report) !== payload.sha256 || report.length !== payload.bytes)
    throw refuse('file', 'The report is not the one that the appliance signed: it was cut off or changed.');
  return { appliance, manifest, payload, report };
}

/** Reads the report of a verified statement. Throws VERIFICATION_FAILED or INVALID_INPUT. */
export async function readSignedReport({ appliance, payload, report }: SignedStatement) {
  const { read, text } = await readReport(report, appliance);
  if (read.head.kind !== payload.kind || read.head.month !== payload.month || read.lines !== payload.lines)
    throw refuse('format', 'The signed manifest describes another report.');
  return { read, text };
}
