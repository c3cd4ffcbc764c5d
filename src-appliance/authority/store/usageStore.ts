import { createHash, sign } from 'node:crypto';
import { z } from 'zod';
import { dayMs } from '../../../src-shared/base/time.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { documentTypes } from '../../../src-shared/model/licence/documents.ts';
import { readUsageReport, type ReadReport } from '../../../src-shared/model/usage/readReport.ts';
import {
  maxMissing,
  usageAcknowledgementSchema,
  usageStatementSchema,
  type UsageAcknowledgement,
} from '../../../src-shared/model/usage/usageStatement.ts';
import { applianceRecordSchema, type ApplianceRecord, type ApplianceStore } from './appliances.ts';
import type { AuthorityDatabase } from './database.ts';
import type { KeyStore } from './keys.ts';
import type { AuthorityLog } from './log.ts';
import { checkApplianceSignature, readApplianceDocument, refuse } from './signedByAppliance.ts';

/** Usage reports are deleted after 12 months **[doc]**. The numbers of statements stay, so that a missing one is noticed. */
const usageKeptMs = 365 * dayMs;

const receivedSchema = z.object({
  receivedAt: z.string(),
  kind: z.string(),
  month: z.string(),
  sha256: z.string(),
  accounts: z.int().nullable(),
  internal: z.int().nullable(),
  number: z.int().nullable(),
});
export type ReceivedUsage = z.infer<typeof receivedSchema>;

const hashOf = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

type Options = {
  database: AuthorityDatabase;
  appliances: ApplianceStore;
  keys: KeyStore;
  log: AuthorityLog;
  now: () => number;
};

function signAnswer(keys: KeyStore, answer: UsageAcknowledgement): string {
  const { keyId, privateKey } = keys.signing();
  const header = { alg: 'EdDSA', typ: documentTypes.acknowledgement, kid: keyId };
  const signed = `${encode(header)}.${encode(usageAcknowledgementSchema.parse(answer))}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

/** Reads UTF-8 and nothing else, so that the stored text has the bytes that were received. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The report is not UTF-8.', { cause });
  }
}

function checkAppliance({ head }: ReadReport, appliance: ApplianceRecord): void {
  if (head.applianceId !== appliance.id)
    throw new AppError('INVALID_INPUT', `The report is of another appliance than ${appliance.name}.`);
}

/** The first line, and everything after it. */
function splitStatement(file: Buffer): { manifest: string; report: Buffer } {
  const end = file.indexOf('\n');
  if (end < 0) throw refuse('file', 'This is no usage statement: it has no report after its first line.');
  return { manifest: file.subarray(0, end).toString('latin1'), report: file.subarray(end + 1) };
}

/** Reads and verifies a statement. Throws VERIFICATION_FAILED or INVALID_INPUT. */
async function readStatement(appliances: ApplianceStore, file: Buffer) {
  const { manifest, report } = splitStatement(file);
  const { keyId, payload } = readApplianceDocument(manifest, 'statement', usageStatementSchema);
  const appliance = appliances.find(payload.applianceId);
  if (appliance.identity === null)
    throw refuse('identity', `${appliance.name} has sent no request yet, so that its key is unknown.`);
  await checkApplianceSignature(manifest, keyId, appliance.identity);
  if (hashOf(report) !== payload.sha256 || report.length !== payload.bytes)
    throw refuse('file', 'The report is not the one that the appliance signed: it was cut off or changed.');
  const text = decode(report);
  const read = readUsageReport(text);
  checkAppliance(read, appliance);
  if (read.head.kind !== payload.kind || read.head.month !== payload.month || read.lines !== payload.lines)
    throw refuse('format', 'The signed manifest describes another report.');
  return { appliance, manifest, payload, read, text };
}

/** Receives usage reports and statements. */
export function createUsageStore({ database, appliances, keys, log, now }: Options) {
  const isoNow = () => new Date(now()).toISOString();
  const deleteOld = () =>
    database.run('DELETE FROM usageReport WHERE receivedAt < ?', new Date(now() - usageKeptMs).toISOString());

  const add = (
    appliance: ApplianceRecord,
    received: {
      read: ReadReport;
      text: string;
      number?: number;
      manifest?: string;
      acknowledgement?: string;
    },
  ): void => {
    const { read, text, number = null, manifest = null, acknowledgement = null } = received;
    const { kind, month } = read.head;
    deleteOld();
    database.run(
      `INSERT INTO usageReport (applianceId, receivedAt, kind, month, sha256, accounts, internal, content, number, manifest, acknowledgement)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      appliance.id,
      isoNow(),
      kind,
      month,
      hashOf(text),
      read.accounts?.all ?? null,
      read.accounts?.internal ?? null,
      text,
      number,
      manifest,
      acknowledgement,
    );
    log.append('usage-received', appliance.id, { kind, month, number, accounts: read.accounts?.all ?? null });
  };

  const listMissing = (id: string, below: number): number[] =>
    database
      .all(
        z.object({ number: z.int() }),
        `WITH RECURSIVE n (number) AS (SELECT 1 WHERE 1 < ? UNION ALL SELECT number + 1 FROM n WHERE number + 1 < ?)
         SELECT number FROM n WHERE number NOT IN (SELECT number FROM usageStatement WHERE applianceId = ?) LIMIT ?`,
        below,
        below,
        id,
        maxMissing,
      )
      .map(({ number }) => number);

  return {
    deleteOld,
    /** The appliance with this licence key. Throws NOT_FOUND. */
    findByKey: (licenceKey: string): ApplianceRecord => {
      const sql = 'SELECT * FROM appliance WHERE licenceKey = ?';
      const found = database.first(applianceRecordSchema, sql, licenceKey);
      if (found === null) throw new AppError('NOT_FOUND', 'The authority knows no such licence key.');
      return found;
    },
    /** Keeps a report as it was received. Throws INVALID_INPUT, with nothing kept, unless it is whole and in its canonical form. */
    recordReport: (appliance: ApplianceRecord, bytes: Buffer): void => {
      const text = decode(bytes);
      const read = readUsageReport(text);
      checkAppliance(read, appliance);
      database.write(() => add(appliance, { read, text }));
    },
    /**
     * Keeps a statement once and signs its acknowledgement; the same statement gets the same one again. Throws
     * VERIFICATION_FAILED or INVALID_INPUT, with nothing kept.
     */
    recordStatement: async (
      file: Buffer,
    ): Promise<{ appliance: ApplianceRecord; acknowledgement: string }> => {
      const { appliance, manifest, payload, read, text } = await readStatement(appliances, file);
      const { number } = payload;
      return database.write(() => {
        const earlier = database.first(
          z.object({ manifest: z.string(), acknowledgement: z.string() }),
          'SELECT manifest, acknowledgement FROM usageReport WHERE applianceId = ? AND number = ?',
          appliance.id,
          number,
        );
        if (earlier?.manifest === manifest) return { appliance, acknowledgement: earlier.acknowledgement };
        const sql = 'INSERT OR IGNORE INTO usageStatement (applianceId, number) VALUES (?, ?)';
        if (database.run(sql, appliance.id, number) === 0)
          throw refuse('request', `Another statement with the number ${number} was received before.`);
        const acknowledgement = signAnswer(keys, {
          format: 1,
          applianceId: appliance.id,
          number,
          manifestSha256: hashOf(manifest),
          reportSha256: payload.sha256,
          receivedAt: isoNow(),
          missing: listMissing(appliance.id, number),
        });
        add(appliance, { read, text, number, manifest, acknowledgement });
        return { appliance, acknowledgement };
      });
    },
    /** What was received, newest first, without the reports themselves. */
    listOf: (id: string): ReceivedUsage[] =>
      database.all(
        receivedSchema,
        `SELECT receivedAt, kind, month, sha256, accounts, internal, number FROM usageReport
         WHERE applianceId = ? ORDER BY rowid DESC`,
        id,
      ),
    /** A report as it was received, by its SHA-256. Throws NOT_FOUND. */
    contentOf: (id: string, sha256: string): string => {
      const sql = 'SELECT content FROM usageReport WHERE applianceId = ? AND sha256 = ?';
      const found = database.first(z.object({ content: z.string() }), sql, id, sha256);
      if (found === null) throw new AppError('NOT_FOUND', 'No such report is kept.');
      return found.content;
    },
  };
}
export type UsageStore = ReturnType<typeof createUsageStore>;
