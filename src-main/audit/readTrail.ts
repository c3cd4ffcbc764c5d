import { sql, type ExpressionBuilder } from 'kysely';
import { z } from 'zod';
import {
  auditRecordSchema,
  type AuditedAction,
  type AuditRecord,
} from '../../src-shared/model/audit/audit.ts';
import {
  auditEvents,
  chipOf,
  type AuditChip,
  type AuditEvent,
} from '../../src-shared/model/audit/auditEvents.ts';
import { instantSchema } from '../../src-shared/base/time.ts';
import type { Schema } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/**
 * `before` is the number of the first record that is not returned. Without `chip`, events of all kinds are
 * returned.
 */
export type TrailRequest = {
  before: number | null;
  limit: number;
  query: string;
  chip?: AuditChip | null;
};

/** Longer texts are shortened, so that an appliance can't fill the trail. */
const maxText = 4096;

/**
 * Shortens a text for the trail. Also replaces lone surrogates, because SQLite would store them as other
 * bytes than those that were hashed.
 */
export function limitAuditText(text: string): string {
  return (text.length <= maxText ? text : `${text.slice(0, maxText)}…`).toWellFormed();
}

const searchedFields = auditRecordSchema
  .omit({ intentSeq: true, session: true, previousHash: true })
  .keyof().options;

/** Whether a row of `table` contains `text`. `%` and `_` in `text` have no special meaning. */
function containsText(table: 'audit' | 'outcome', text: string) {
  const pattern = `%${text.replace(/[\\%_]/gu, String.raw`\$&`)}%`;
  const fields = sql.join(searchedFields.map((field) => sql.ref(`${table}.${field}`)));
  return sql<boolean>`concat_ws(' ', ${fields}) LIKE ${pattern} ESCAPE '\\'`;
}

/** An event that only another version knows is shown under "changes", as `chipOf` does. */
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

/**
 * Lists single records, newest first. `total` counts all matching records, not only those of this page.
 */
export function listRecords(store: Store, { before, limit, query, chip = null }: TrailRequest) {
  const text = query.trim();
  const matching = store.query
    .selectFrom('audit')
    .$if(text !== '', (select) => select.where(containsText('audit', text)))
    .$if(chip !== null, (select) => select.where((build) => hasChip(build, chip ?? 'changes')));
  const counted = store.first(matching.select((build) => build.fn.countAll<number>().as('total')));
  const page = matching.$if(before !== null, (select) => select.where('seq', '<', before ?? 0));
  const rows = store.all(page.selectAll().orderBy('seq', 'desc').limit(limit));
  return { records: rows.flatMap(toShownRecords), total: counted?.total ?? 0, head: readHead(store).head };
}

/**
 * The text of the newest `limit` records of some events, newest first. An action has two: its intent and its outcome.
 */
export function listEvents<Event extends AuditEvent>(
  store: Store,
  { events, limit }: { events: readonly Event[]; limit: number },
): { event: Event; at: string; detail: string }[] {
  const rows = store.all(
    store.query
      .selectFrom('audit')
      .select(['event', 'at', 'detail'])
      .where('event', 'in', events)
      .orderBy('seq', 'desc')
      .limit(limit),
  );
  return rows.flatMap(({ event: found, at, detail }) => {
    const event = events.find((known) => known === found);
    return event === undefined ? [] : { event, at, detail };
  });
}

/**
 * Lists actions and events, newest first. An outcome is joined with its intent, even if other records are
 * between them.
 */
export function listActions(store: Store, { before, limit, query, chip = null }: TrailRequest) {
  const text = query.trim();
  // An outcome whose intent was deleted gets its own row, so that it stays visible in a trail that was
  // tampered with.
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
          containsText('audit', text),
          build.exists(
            build
              .selectFrom('audit as outcome')
              .select('outcome.seq')
              .whereRef('outcome.intentSeq', '=', 'audit.seq')
              .where(containsText('outcome', text)),
          ),
        ]),
      ),
    );
  return store.read(() => {
    const rows = store.all(page.selectAll().orderBy('audit.seq', 'desc').limit(limit));
    const seqs = rows.filter((row) => row.phase === 'intent').map((row) => row.seq);
    const outcomes = store.all(store.query.selectFrom('audit').selectAll().where('intentSeq', 'in', seqs));
    const byIntent = new Map(
      outcomes.flatMap(toShownRecords).map((outcome) => [outcome.intentSeq, outcome] as const),
    );
    const actions = rows
      .flatMap(toShownRecords)
      .map((start): AuditedAction => ({ start, outcome: byIntent.get(start.seq) ?? null }));
    return { actions, ...readHead(store) };
  });
}

/**
 * Shows the readable fields of an invalid row and marks the row as invalid. A row without a valid number is
 * left out; only `verify` reports it.
 */
function toShownRecords(row: AuditRecord): AuditRecord[] {
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
      detail: `This record contains an invalid value: ${limitAuditText(JSON.stringify(row))}`,
    },
  ];
}
