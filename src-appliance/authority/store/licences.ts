import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { licencePayloadSchema, type LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { readDocument } from '../../../src-shared/model/licence/signedDocument.ts';
import { issueLicence } from '../issue.ts';
import type { ApplianceRecord, ApplianceStore } from './appliances.ts';
import { expiryOf } from './contract.ts';
import type { AuthorityDatabase } from './database.ts';
import type { KeyStore } from './keys.ts';
import type { AuthorityLog } from './log.ts';

export type LicenceStore = {
  /** Signs and records a licence. Call it in a transaction. */
  record: (licence: LicencePayload) => string;
  /** Issues a licence that answers no request. `changes` replaces fields of the contract's licence. */
  issue: (applianceId: string, changes?: Partial<LicencePayload>) => string;
  /** The licences of an appliance, newest first. */
  listOf: (applianceId: string) => LicencePayload[];
  /** The licence of the same appliance that was issued before this one. Null if none was. */
  before: (licence: LicencePayload) => LicencePayload | null;
};

/** Reads a licence that this authority recorded. */
export function recordedLicence(document: string): LicencePayload {
  const read = readDocument(document, 'licence');
  if ('problem' in read) throw new AppError('STORE_FAILED', 'A recorded licence is damaged.');
  return licencePayloadSchema.parse(read.payload);
}

/** The licence that the contract grants at `now` (epoch ms), with the next sequence. */
export function planLicence(appliance: ApplianceRecord, now: number): LicencePayload {
  const { entitlements, term, graceDays, minVersion, plans } = appliance.contract;
  const issuedAt = new Date(now).toISOString();
  return {
    format: 1,
    id: randomUUID(),
    applianceId: appliance.id,
    key: appliance.licenceKey,
    sequence: appliance.sequence + 1,
    issuedAt,
    notBefore: issuedAt,
    expiresAt: expiryOf(term, now),
    graceDays,
    minVersion,
    entitlements,
    request: null,
    configuration: null,
    ...(plans === undefined ? {} : { plans }),
  };
}

export function createLicenceStore(options: {
  database: AuthorityDatabase;
  appliances: ApplianceStore;
  keys: KeyStore;
  log: AuthorityLog;
  now: () => number;
}): LicenceStore {
  const { database, appliances, keys, log, now } = options;
  const record = (licence: LicencePayload): string => {
    const document = issueLicence(licence, keys.signing());
    const { applianceId, sequence, issuedAt, expiresAt, id } = licence;
    database.run(
      'INSERT INTO licence (id, applianceId, sequence, document, issuedAt) VALUES (?, ?, ?, ?, ?)',
      id,
      applianceId,
      sequence,
      document,
      issuedAt,
    );
    database.run('UPDATE appliance SET sequence = ? WHERE id = ?', sequence, applianceId);
    log.append('licence-issued', applianceId, {
      licenceId: id,
      sequence,
      expiresAt,
      requestId: licence.request?.id ?? null,
      configurationRevision: licence.configuration?.revision ?? null,
    });
    return document;
  };
  return {
    record,
    issue: (applianceId, changes = {}) =>
      database.write(() =>
        record({ ...planLicence(appliances.find(applianceId), now()), ...changes, applianceId }),
      ),
    listOf: (applianceId) =>
      database
        .all(
          z.object({ document: z.string() }),
          'SELECT document FROM licence WHERE applianceId = ? ORDER BY sequence DESC',
          applianceId,
        )
        .map(({ document }) => recordedLicence(document)),
    before: ({ applianceId, sequence }) => {
      const row = database.first(
        z.object({ document: z.string() }),
        'SELECT document FROM licence WHERE applianceId = ? AND sequence < ? ORDER BY sequence DESC LIMIT 1',
        applianceId,
        sequence,
      );
      return row === null ? null : recordedLicence(row.document);
    },
  };
}
