import { createHash } from 'node:crypto';
import { z } from 'zod';
import { licencePingSchema, type LicencePing } from '../../../src-shared/model/licence/authorityApi.ts';
import {
  licenceReceiptSchema,
  type LicenceReceipt,
} from '../../../src-shared/model/licence/licenceRequest.ts';
import { applianceRecordSchema, type ApplianceRecord, type ApplianceStore } from './appliances.ts';
import type { AuthorityDatabase } from './database.ts';
import { jsonColumn, type AuthorityLog } from './log.ts';
import { checkApplianceSignature, documentText, readApplianceDocument, refuse } from './signedByAppliance.ts';
import { AppError } from '../../../src-shared/errors.ts';

/** So many pings of an appliance are kept **[ours]**. */
const keptPings = 1000;

export type ReportStore = {
  /** Throws NOT_FOUND for an unknown licence key. */
  recordPing: (ping: LicencePing) => void;
  /** Records a receipt once. Throws VERIFICATION_FAILED or NOT_FOUND, with nothing changed. */
  recordReceipt: (text: string) => Promise<{ appliance: ApplianceRecord; receipt: LicenceReceipt }>;
  pingsOf: (applianceId: string) => { receivedAt: string; content: LicencePing }[];
  receiptsOf: (applianceId: string) => LicenceReceipt[];
};

export function createReportStore(options: {
  database: AuthorityDatabase;
  appliances: ApplianceStore;
  log: AuthorityLog;
  now: () => number;
}): ReportStore {
  const { database, now } = options;
  const isoNow = () => new Date(now()).toISOString();
  const applianceOf = (licenceKey: string): string => {
    const sql = 'SELECT * FROM appliance WHERE licenceKey = ?';
    const found = database.first(applianceRecordSchema, sql, licenceKey);
    if (found === null) throw new AppError('NOT_FOUND', 'The authority knows no such licence key.');
    return found.id;
  };
  const add = (table: 'ping', id: string, content: object, kept: number): void => {
    database.run(
      `INSERT INTO ${table} (applianceId, receivedAt, content) VALUES (?, ?, ?)`,
      id,
      isoNow(),
      JSON.stringify(content),
    );
    database.run(
      `DELETE FROM ${table} WHERE applianceId = ? AND rowid NOT IN
       (SELECT rowid FROM ${table} WHERE applianceId = ? ORDER BY rowid DESC LIMIT ?)`,
      id,
      id,
      kept,
    );
  };
  const rowsOf = <Content>(table: 'ping', id: string, schema: z.ZodType<Content>) =>
    database.all(
      z.object({ receivedAt: z.string(), content: jsonColumn(schema) }),
      `SELECT receivedAt, content FROM ${table} WHERE applianceId = ? ORDER BY rowid DESC`,
      id,
    );
  return {
    recordPing: (ping) => database.write(() => add('ping', applianceOf(ping.licenceKey), ping, keptPings)),
    recordReceipt: (file) => recordReceipt({ ...options, text: documentText(file), receivedAt: isoNow() }),
    pingsOf: (id) => rowsOf('ping', id, licencePingSchema),
    receiptsOf: (id) =>
      database
        .all(
          z.object({ document: z.string() }),
          'SELECT document FROM receipt WHERE applianceId = ? ORDER BY rowid DESC',
          id,
        )
        .map(({ document }) => readApplianceDocument(document, 'receipt', licenceReceiptSchema).payload),
  };
}

async function recordReceipt(options: {
  database: AuthorityDatabase;
  appliances: ApplianceStore;
  log: AuthorityLog;
  text: string;
  receivedAt: string;
}): Promise<{ appliance: ApplianceRecord; receipt: LicenceReceipt }> {
  const { database, appliances, log, text } = options;
  const { keyId, payload: receipt } = readApplianceDocument(text, 'receipt', licenceReceiptSchema);
  const appliance = appliances.find(receipt.applianceId);
  if (appliance.identity === null)
    throw refuse('identity', `${appliance.name} has sent no request yet, so that its key is unknown.`);
  await checkApplianceSignature(text, keyId, appliance.identity);
  database.write(() => {
    const sql = 'SELECT document FROM receipt WHERE id = ?';
    const earlier = database.first(z.object({ document: z.string() }), sql, receipt.id);
    if (earlier?.document === text) return;
    if (earlier !== null) throw refuse('request', 'Another receipt with the same ID was recorded before.');
    checkInstalled(database, receipt);
    database.run(
      'INSERT INTO receipt (id, applianceId, licenceId, document, receivedAt) VALUES (?, ?, ?, ?, ?)',
      receipt.id,
      appliance.id,
      receipt.licenceId,
      text,
      options.receivedAt,
    );
    const { outcome, sequence, at, licenceId } = receipt;
    log.append('receipt-recorded', appliance.id, { outcome, sequence, at, licenceId });
  });
  return { appliance, receipt };
}

/** Throws VERIFICATION_FAILED unless the receipt names a licence as it was issued here. */
function checkInstalled(database: AuthorityDatabase, receipt: LicenceReceipt): void {
  const issued = database.first(
    z.object({ sequence: z.int(), document: z.string() }),
    'SELECT sequence, document FROM licence WHERE id = ? AND applianceId = ?',
    receipt.licenceId,
    receipt.applianceId,
  );
  // A rollback may return to a licence of an earlier authority.
  if (issued === null && receipt.outcome === 'rolled-back') return;
  if (issued === null)
    throw refuse('licence', 'The receipt is for a licence that this authority did not issue.');
  const hashes = [issued.document, `${issued.document}\n`].map((file) =>
    createHash('sha256').update(file).digest('hex'),
  );
  if (issued.sequence !== receipt.sequence || !hashes.includes(receipt.licenceSha256))
    throw refuse('licence', 'The licence that the receipt names differs from the one that was issued.');
}
