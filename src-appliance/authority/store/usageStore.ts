import { sign } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { documentTypes } from '../../../src-shared/model/licence/documents.ts';
import type { ReadReport } from '../../../src-shared/model/usage/readReport.ts';
import {
  usageAcknowledgementSchema,
  type UsageAcknowledgement,
} from '../../../src-shared/model/usage/usageStatement.ts';
import { applianceRecordSchema, type ApplianceRecord, type ApplianceStore } from './appliances.ts';
import type { AuthorityDatabase } from './database.ts';
import type { KeyStore } from './keys.ts';
import type { AuthorityLog } from './log.ts';
import {
  hashOf,
  readReport,
  readSignedReport,
  verifyStatement,
  type SignedStatement,
} from './readStatement.ts';
import { refuse } from './signedByAppliance.ts';
import { createUsageRows, type UsageLimits } from './usageRows.ts';

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

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

type Options = {
  database: AuthorityDatabase;
  appliances: ApplianceStore;
  keys: KeyStore;
  log: AuthorityLog;
  now: () => number;
  limits?: UsageLimits | undefined;
};

function signAnswer(keys: KeyStore, answer: UsageAcknowledgement): string {
  const { keyId, privateKey } = keys.signing();
  const header = { alg: 'EdDSA', typ: documentTypes.acknowledgement, kid: keyId };
  const signed = `${encode(header)}.${encode(usageAcknowledgementSchema.parse(answer))}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
}

/** Receives usage reports and statements. Each report is kept once, also if several statements have it. */
export function createUsageStore(options: Options) {
  const { database, appliances, keys, log } = options;
  const rows = createUsageRows(options);
  const logReceived = ({ id }: ApplianceRecord, { head, accounts }: ReadReport, number: number | null) =>
    log.append('usage-received', id, {
      kind: head.kind,
      month: head.month,
      number,
      accounts: accounts?.all ?? null,
    });

  /** The acknowledgement of a statement that was received before; null if it is new and there is room for it. */
  const findAcknowledgement = ({ appliance, manifest, payload, report }: SignedStatement): string | null => {
    const earlier = rows.findStatement(appliance.id, payload.number);
    if (earlier !== null && earlier.manifest === manifest) return earlier.acknowledgement;
    if (earlier !== null)
      throw refuse('request', `Another statement with the number ${payload.number} was received before.`);
    rows.deleteOld();
    rows.checkStatement(appliance);
    if (!rows.hasReport(appliance.id, payload.sha256)) rows.checkReport(appliance, report.length);
    return null;
  };

  const addStatement = (statement: SignedStatement, read: { read: ReadReport; text: string }): string => {
    const { appliance, manifest, payload } = statement;
    const { number, sha256 } = payload;
    const receivedAt = rows.isoNow();
    const acknowledgement = signAnswer(keys, {
      format: 1,
      applianceId: appliance.id,
      number,
      manifestSha256: hashOf(manifest),
      reportSha256: sha256,
      receivedAt,
      missing: rows.listMissing(appliance.id, number),
    });
    if (!rows.hasReport(appliance.id, sha256)) rows.addReport(appliance, sha256, read);
    database.run(
      `INSERT INTO usageStatement (applianceId, number, receivedAt, sha256, manifest, acknowledgement)
       VALUES (?, ?, ?, ?, ?, ?)`,
      appliance.id,
      number,
      receivedAt,
      sha256,
      manifest,
      acknowledgement,
    );
    logReceived(appliance, read.read, number);
    return acknowledgement;
  };

  return {
    deleteOld: (): void => database.write(rows.deleteOld),
    /** The appliance with this licence key. Throws NOT_FOUND. */
    findByKey: (licenceKey: string): ApplianceRecord => {
      const sql = 'SELECT * FROM appliance WHERE licenceKey = ?';
      const found = database.first(applianceRecordSchema, sql, licenceKey);
      if (found === null) throw new AppError('NOT_FOUND', 'The authority knows no such licence key.');
      return found;
    },
    /**
     * Keeps a report as it was received, once. Rejects with INVALID_INPUT, with nothing kept, unless it is whole and in its
     * canonical form, and USAGE_STORE_FULL.
     */
    recordReport: async (appliance: ApplianceRecord, bytes: Buffer): Promise<void> => {
      const sha256 = hashOf(bytes);
      // Asked before the report is read too, because that is the most work.
      const isNew = () => {
        if (rows.hasReport(appliance.id, sha256)) return false;
        rows.deleteOld();
        rows.checkReport(appliance, bytes.length);
        return true;
      };
      if (!database.write(isNew)) return;
      const read = await readReport(bytes, appliance);
      database.write(() => {
        if (!isNew()) return;
        rows.addReport(appliance, sha256, read);
        logReceived(appliance, read.read, null);
      });
    },
    /**
     * Keeps a statement once and signs its acknowledgement; the same statement gets the same one again. `sender`: whose
     * licence key was used, if any. Throws NOT_PERMITTED if that is another appliance, and VERIFICATION_FAILED,
     * INVALID_INPUT or USAGE_STORE_FULL, each with nothing kept.
     */
    recordStatement: async (
      file: Buffer,
      sender: ApplianceRecord | null,
    ): Promise<{ appliance: ApplianceRecord; acknowledgement: string }> => {
      const statement = await verifyStatement(appliances, file, sender);
      const { appliance } = statement;
      const earlier = database.write(() => findAcknowledgement(statement));
      if (earlier !== null) return { appliance, acknowledgement: earlier };
      const read = await readSignedReport(statement);
      const acknowledgement = database.write(
        () => findAcknowledgement(statement) ?? addStatement(statement, read),
      );
      return { appliance, acknowledgement };
    },
    /** What was received, newest first, without the reports themselves. `number`: of the statement with the report, if any. */
    listOf: (id: string): ReceivedUsage[] =>
      database.all(
        receivedSchema,
        `SELECT coalesce(s.receivedAt, r.receivedAt) AS receivedAt, r.kind, r.month, r.sha256, r.accounts, r.internal, s.number
         FROM usageReport r LEFT JOIN usageStatement s ON s.applianceId = r.applianceId AND s.sha256 = r.sha256
         WHERE r.applianceId = ? ORDER BY 1 DESC, coalesce(s.rowid, 0) DESC, r.rowid DESC`,
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
