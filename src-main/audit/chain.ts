import { createHash } from 'node:crypto';
import { auditRecordSchema, type AuditRecord } from '../../src-shared/model/audit/audit.ts';

/** The first record has this as the hash of its predecessor. */
export const genesisHash = '0'.repeat(64);

const hashedFields = auditRecordSchema.omit({ hash: true }).keyof().options;

/**
 * SHA-256 in hex over the record as JSON pairs in the order of the schema **[ours]**. Never change the order,
 * because that would invalidate every stored trail.
 */
export function hashRecord(record: Omit<AuditRecord, 'hash'>): string {
  const canonical = JSON.stringify(hashedFields.map((field) => [field, record[field]]));
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}
