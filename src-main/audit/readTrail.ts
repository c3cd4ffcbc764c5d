import { sql, type ExpressionBuilder } from 'kysely';
import { z } from 'zod';
import {
  auditRecordSchema,
  type AuditedAction,
  type AuditRecord,
} from '../../src-shared/model/audit/audit.ts';
import { auditEvents, chipOf, type AuditChip } from '../../src-shared/model/audit/auditEvents.ts';
import { instantSchema } from '../../src-shared/base/time.ts';
import type { Schema } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** `before` is exclusive; without `chip` every event is read. */
export type TrailRequest = {
  before: number | null;
  limit: number;
  query: string;
  chip?: AuditChip | null;
};

/** Longer text is cut, so that an appliance can't fill the trail. */
const maxText = 4096;

/** Well-formed Unicode: a lone surrogate would be hashed and stored differently. */
export function cut(text: string): string {
  return (text.length <= maxText ? text : `${text.slice(0, maxText)}…`).toWellFormed();
}

const searchedFields = auditRecordSchema
  .omit({ intentSeq: true, session: true, previousHash: true })
  .keyof().options;

/** Whether a row of `table` holds `text`, which is taken literally. */
function holds(table: 'audit' | 'outcome', text: string) {
  const pattern = `%${text.replace(/[\\%_]/gu, String.raw`\$&`)}%`;
  const fields = sql.join(searchedFields.map((field) => sql.ref(`${table}.${field}`)));
  return sql<boolean>`concat_ws(' ', ${fields}) LIKE ${pattern} ESCAPE '\\'`;
}

/** Events of other versions, which no list names, are changes: see `chipOf`. */
function hasChip(build: ExpressionBuilder<Schema, 'audit'>, chip: AuditChip) {
  const events = Object.keys(auditEvents);
  return chip === 'changes'
    ? build(
        'audit.event',
        'not in',
        events.filter((event) => chipOf(event) !== chip),
      )
    : build(
        'audit.event',
        'in',
        events.filter((event) => chipOf(event) === chip),
      );
}

function readHead(store: Store) {
  const head = store.first(store.query.selectFrom('auditHead').selectAll());
  return { count: head?.count ?? 0, head: head === undefined || head.count === 0 ? null : head.head };
}

/** Single records, newest first. `total` counts all that match. */
export function listRecords(store: Store, { before, limit, query, chip = null }: TrailRequest) {
  const text = query.trim();
  const matching = store.query
    .selectFrom('audit')
    .$if(text !== '', (select) => select.where(holds('audit', text)))
    .$if(chip !== null, (select) => select.where((build) => hasChip(build, chip ?? 'changes')));
  const counted = store.first(matching.select((build) => build.fn.countAll<number>().as('total')));
  const page = matching.$if(before !== null, (select) => select.where('seq', '<', before ?? 0));
  const rows = store.all(page.selectAll().orderBy('seq', 'desc').limit(limit));
  return { records: rows.flatMap(shownRecord), total: counted?.total ?? 0, head: readHead(store).head };
}

/** Actions and events, the newest start first: an outcome counts to its intent, however far apart the two are. */
export function listActions(store: Store, { before, limit, query, chip = null }: TrailRequest) {
  const text = query.trim();
  // An outcome whose intent was removed has a row of its own: a trail that was tampered with hides nothing.
  const starts = store.query
    .selectFrom('audit')
    .where((build) =>
      build.or([
        build('audit.phase', '<>', 'outcome'),
        build.not(
          build.exists(
            build
              .selectFrom('audit as intent')
              .select('intent.seq')
              .whereRef('intent.seq', '=', 'audit.intentSeq')
              .where('intent.phase', '=', 'intent'),
          ),
        ),
      ]),
    );
  const page = starts
    .$if(before !== null, (select) => select.where('audit.seq', '<', before ?? 0))
    .$if(chip !== null, (select) => select.where((build) => hasChip(build, chip ?? 'changes')))
    .$if(text !== '', (select) =>
      select.where((build) =>
        build.or([
          holds('audit', text),
          build.exists(
            build
              .selectFrom('audit as outcome')
              .select('outcome.seq')
              .whereRef('outcome.intentSeq', '=', 'audit.seq')
              .where(holds('outcome', text)),
          ),
        ]),
      ),
    );
  return store.read(() => {
    const rows = store.all(page.selectAll().orderBy('audit.seq', 'desc').limit(limit));
    const seqs = rows.filter((row) => row.phase === 'intent').map((row) => row.seq);
    const outcomes = store.all(store.query.selectFrom('audit').selectAll().where('intentSeq', 'in', seqs));
    const byIntent = new Map(
      outcomes.flatMap(shownRecord).map((outcome) => [outcome.intentSeq, outcome] as const),
    );
    const actions = rows
      .flatMap(shownRecord)
      .map((start): AuditedAction => ({ start, outcome: byIntent.get(start.seq) ?? null }));
    return { actions, ...readHead(store) };
  });
}

/** Shows an invalid row as far as possible, marked as invalid. Without a valid number, only `verify` reports it. */
function shownRecord(row: AuditRecord): AuditRecord[] {
  const record = auditRecordSchema.safeParse(row).data;
  if (record !== undefined) return [record];
  if (!z.int().positive().safeParse(row.seq).success) return [];
  return [
    {
      ...row,
      at: instantSchema.safeParse(row.at).data ?? new Date(0).toISOString(),
      phase: 'event',
      intentSeq: null,
      result: 'failed',
      errorCode: 'AUDIT_BROKEN',
      destination: null,
      command: null,
      reason: null,
      detail: `This record holds what no record can hold: ${cut(JSON.stringify(row))}`,
    },
  ];
}
