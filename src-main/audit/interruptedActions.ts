import { auditRecordSchema, type AuditRecord } from '../../src-shared/model/audit/audit.ts';
import { isProcessAlive } from '../../src-shared/node/isProcessAlive.ts';
import type { Store } from '../store/store.ts';

/** Older records are not looked at, so that a long trail doesn't delay the start. */
const maxRecords = 5000;

/** The process that wrote a record. Null if its source names none. */
function readPid({ source }: Pick<AuditRecord, 'source'>): number | null {
  const found = /\bpid (\d{1,10})$/u.exec(source)?.[1];
  return found === undefined ? null : Number(found);
}

/** The intents without an outcome whose console has ended, e.g. by `kill -9`. */
export function findInterruptedActions(store: Store, { session }: { session: string }): AuditRecord[] {
  const { query } = store;
  const count = store.first(query.selectFrom('auditHead').select('count'))?.count ?? 0;
  const open = query
    .selectFrom('audit')
    .selectAll()
    .where('phase', '=', 'intent')
    .where('seq', '>', count - maxRecords)
    .where('session', '<>', session)
    .where((build) =>
      build.not(
        build.exists(
          build
            .selectFrom('audit as outcome')
            .select('outcome.seq')
            .whereRef('outcome.intentSeq', '=', 'audit.seq'),
        ),
      ),
    );
  return store.all(open).flatMap((row) => {
    const record = auditRecordSchema.safeParse(row).data;
    const pid = record === undefined ? null : readPid(record);
    // A console of another session that had this process ID has ended.
    const isEnded = pid !== null && (pid === process.pid || !isProcessAlive(pid));
    return record !== undefined && isEnded ? [record] : [];
  });
}
