import { createHash } from 'node:crypto';
import { auditRecordSchema, type AuditRecord } from '../../src-shared/model/audit/audit.ts';
import type { AuditTable } from '../store/schema.ts';

export type UnhashedRecord = Omit<AuditRecord, 'hash'>;

/** What the first record names as its predecessor. */
export const genesisHash = '0'.repeat(64);

/**
 * SHA-256, hex, over the record as JSON with its keys in the order below **[ours]**. The order is part of the format:
 * changing it would break every trail written before.
 */
export function hashRecord(record: UnhashedRecord): string {
  const canonical = JSON.stringify([
    ['seq', record.seq],
    ['at', record.at],
    ['phase', record.phase],
    ['intentSeq', record.intentSeq],
    ['operator', record.operator],
    ['role', record.role],
    ['session', record.session],
    ['event', record.event],
    ['object', record.object],
    ['result', record.result],
    ['errorCode', record.errorCode],
    ['source', record.source],
    ['destination', record.destination],
    ['command', record.command],
    ['reason', record.reason],
    ['detail', record.detail],
    ['previousHash', record.previousHash],
  ] satisfies [keyof UnhashedRecord, unknown][]);
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}

export function toRow(record: AuditRecord): AuditTable {
  return {
    seq: record.seq,
    at: record.at,
    phase: record.phase,
    intent_seq: record.intentSeq,
    operator: record.operator,
    role: record.role,
    session: record.session,
    event: record.event,
    object: record.object,
    result: record.result,
    error_code: record.errorCode,
    source: record.source,
    destination: record.destination,
    command: record.command,
    reason: record.reason,
    detail: record.detail,
    previous_hash: record.previousHash,
    hash: record.hash,
  };
}

/** Throws when the row holds what no record can hold. */
export function fromRow(row: AuditTable): AuditRecord {
  return auditRecordSchema.parse({
    seq: row.seq,
    at: row.at,
    phase: row.phase,
    intentSeq: row.intent_seq,
    operator: row.operator,
    role: row.role,
    session: row.session,
    event: row.event,
    object: row.object,
    result: row.result,
    errorCode: row.error_code,
    source: row.source,
    destination: row.destination,
    command: row.command,
    reason: row.reason,
    detail: row.detail,
    previousHash: row.previous_hash,
    hash: row.hash,
  });
}
