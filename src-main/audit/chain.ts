import { createHash } from 'node:crypto';
import { auditRecordSchema, type AuditRecord } from '../../src-shared/model/audit/audit.ts';

/** What the first record names as its predecessor. */
export const genesisHash = '0'.repeat(64);

const hashedFields = auditRecordSchema.omit({ hash: true }).keyof().options;

/**
 * SHA-256, hex, over the record as JSON pairs in the order of its schema **[ours]**. That order is part of the format:
 * another one would break every stored trail.
 */
export function hashRecord(record: Omit<AuditRecord, 'hash'>): string {
  const canonical = JSON.stringify(hashedFields.map((field) => [field, record[field]]));
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}
