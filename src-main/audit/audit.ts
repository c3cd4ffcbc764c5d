import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { toErrorData } from '../../src-shared/errors.ts';
import {
  auditRecordSchema,
  type AuditRecord,
  type AuditVerification,
} from '../../src-shared/model/audit/audit.ts';
import type { AuditEvent } from '../../src-shared/model/audit/auditEvents.ts';
import type { Store } from '../store/store.ts';
import { genesisHash, hashRecord } from './chain.ts';
import { limitAuditText, listActions, listEvents, listRecords, type TrailRequest } from './readTrail.ts';
import { findInterruptedActions } from './interruptedActions.ts';
import type { ChangeMarks } from '../base/changeFeed.ts';
import type { Log } from '../base/log.ts';

/** The user, their role and the host of an action. `source` names the host, e.g. `web pid 4711`. */
export type AuditActor = { operator: string; role: string; source: string };

type AuditAction = {
  event: AuditEvent;
  object: string;
  destination?: string | null;
  command?: string | null;
  reason?: string | null;
  detail?: string;
};

/**
 * The append-only trail. Each record contains the hash of the record before it, and the last hash is stored
 * separately, so that `verify` finds most changes of the trail (ADR 5).
 */
export type Audit = {
  /**
   * Writes the intent to the disk, runs `work`, then writes the outcome. Returns or throws the result of
   * `work`, even if the outcome can't be written: then the trail lists the action as unfinished.
   */
  act: <Result>(action: AuditAction, work: () => Promise<Result> | Result) => Promise<Result>;
  /** Records a single event that has no separate outcome, e.g. a search. */
  event: (event: SingleEvent) => void;
  /**
   * Like `event`, for what no operator did, e.g. a lost link: the next durable record takes it to the disk with it. A
   * thousand links that come up would otherwise wait for the disk a thousand times.
   */
  notice: (event: SingleEvent) => void;
  list: (request: TrailRequest) => ReturnType<typeof listRecords>;
  events: <Event extends AuditEvent>(
    events: readonly Event[],
    limit: number,
  ) => ReturnType<typeof listEvents<Event>>;
  actions: (request: TrailRequest) => ReturnType<typeof listActions>;
  verify: () => Promise<AuditVerification>;
  /** Writes that the outcome is unknown for each action whose console was killed. Call it once, at the start. */
  endInterrupted: () => void;
};

type SingleEvent = AuditAction & { result?: 'ok' | 'failed'; errorCode?: string | null };

/** The event of an interrupted action may be one of another version. */
type Entry = Omit<AuditAction, 'event'> & {
  event: string;
  phase: AuditRecord['phase'];
  intentSeq: number | null;
  result: AuditRecord['result'];
  errorCode: string | null;
};

const unknownOutcome = {
  result: 'failed',
  errorCode: 'OUTCOME_UNKNOWN',
  detail: 'outcome unknown: the console ended',
} as const;

function limitAuditTextOrNull(text: string | null | undefined): string | null {
  return text == null ? null : limitAuditText(text);
}

const toEntry = ({ result = 'ok', errorCode = null, ...action }: SingleEvent): Entry => ({
  ...action,
  phase: 'event',
  intentSeq: null,
  result,
  errorCode,
});

export function createAudit(options: {
  store: Store;
  actor: AuditActor;
  clock: () => number;
  changes: ChangeMarks;
  log: Log;
}): Audit {
  const { store, actor, clock, log } = options;
  const session = randomUUID();
  const length = () => store.first(store.query.selectFrom('auditHead').select('count'))?.count ?? 0;
  let lastLength = length();
  store.onForeignChange(() => {
    const now = length();
    if (now === lastLength) return;
    lastLength = now;
    options.changes.mark({ audit: true });
  });

  function append(entry: Entry, write: Store['write'] = store.writeDurably): number {
    const seq = write(() => {
      const last = store.first(store.query.selectFrom('auditHead').selectAll().where('id', '=', 1));
      const unhashed = {
        seq: (last?.count ?? 0) + 1,
        at: new Date(clock()).toISOString(),
        phase: entry.phase,
        intentSeq: entry.intentSeq,
        operator: limitAuditText(actor.operator),
        role: limitAuditText(actor.role),
        session,
        event: entry.event,
        object: limitAuditText(entry.object),
        result: entry.result,
        errorCode: limitAuditTextOrNull(entry.errorCode),
        source: limitAuditText(actor.source),
        destination: limitAuditTextOrNull(entry.destination),
        command: limitAuditTextOrNull(entry.command),
        reason: limitAuditTextOrNull(entry.reason),
        detail: limitAuditText(entry.detail ?? ''),
        previousHash: last === undefined || last.count === 0 ? genesisHash : last.head,
      } satisfies Omit<AuditRecord, 'hash'>;
      const hash = hashRecord(unhashed);
      store.run(store.query.insertInto('audit').values({ ...unhashed, hash }));
      store.run(
        store.query.updateTable('auditHead').set({ count: unhashed.seq, head: hash }).where('id', '=', 1),
      );
      return unhashed.seq;
    });
    lastLength = seq;
    options.changes.mark({ audit: true });
    return seq;
  }

  async function act<Result>(action: AuditAction, work: () => Promise<Result> | Result): Promise<Result> {
    const intentSeq = append({
      ...action,
      phase: 'intent',
      intentSeq: null,
      result: 'pending',
      errorCode: null,
    });
    const appendOutcome = (outcome: Pick<Entry, 'result' | 'errorCode' | 'detail'>): void => {
      try {
        append({ ...action, ...outcome, phase: 'outcome', intentSeq });
      } catch (thrown) {
        log.error({ err: thrown, intentSeq }, 'the outcome of an action could not be recorded');
      }
    };
    let result: Result;
    try {
      result = await work();
    } catch (thrown) {
      const { code, message } = toErrorData(thrown);
      appendOutcome({ result: 'failed', errorCode: code, detail: message });
      throw thrown;
    }
    appendOutcome({ result: 'ok', errorCode: null, detail: action.detail ?? '' });
    return result;
  }

  return {
    act,
    event: (event) => void append(toEntry(event)),
    notice: (event) => void append(toEntry(event), store.write),
    list: (request) => listRecords(store, request),
    events: (events, limit) => listEvents(store, { events, limit }),
    actions: (request) => listActions(store, request),
    verify: () => verifyTrail(store, clock()),
    endInterrupted: () => {
      for (const intent of findInterruptedActions(store, { session }))
        append({ ...intent, ...unknownOutcome, phase: 'outcome', intentSeq: intent.seq });
    },
  };
}

/** Records are verified in batches of this size, so that a long trail does not block the console. */
const verifyBatch = 2_000;

/** Checks all records that exist at the start. Records added later are not reported as broken. */
async function verifyTrail(store: Store, now: number): Promise<AuditVerification> {
  const { head, extra } = store.read(() => {
    const kept = store.first(store.query.selectFrom('auditHead').selectAll().where('id', '=', 1));
    const uncounted = store.query
      .selectFrom('audit')
      .select((build) => build.fn.min('seq').as('seq'))
      .where((build) =>
        build.or([build('seq', '<', 1), build('seq', '>', kept?.count ?? Number.MAX_SAFE_INTEGER)]),
      );
    return { head: kept, extra: store.first(uncounted)?.seq ?? null };
  });
  const end = head?.count ?? Number.MAX_SAFE_INTEGER;
  const open = new Set<number>();
  let previousHash = genesisHash;
  let count = 0;
  const uncounted =
    extra === null ? null : { seq: extra, why: `record ${extra} was not written by Sallyport` };
  let broken: AuditVerification['broken'] = extra !== null && extra < 1 ? uncounted : null;
  for (let after = 0; after < end;) {
    const rows = store.all(
      store.query
        .selectFrom('audit')
        .selectAll()
        .where('seq', '>', after)
        .where('seq', '<=', end)
        .orderBy('seq', 'asc')
        .limit(verifyBatch),
    );
    for (const row of rows) {
      count += 1;
      broken ??= verifyRow(row, { seq: count, previousHash, open });
      previousHash = row.hash;
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.seq;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (head === undefined) broken ??= { seq: count, why: 'the stored count and last hash are missing' };
  else if (head.count !== count)
    broken ??= { seq: count + 1, why: `the trail ends at ${count}, but ${head.count} records were written` };
  else if (count > 0 && head.head !== previousHash)
    broken ??= { seq: count, why: 'the last hash differs from the stored last hash' };
  broken ??= uncounted;
  return {
    ok: broken === null,
    count,
    head: count === 0 ? null : previousHash,
    verifiedAt: new Date(now).toISOString(),
    broken,
    unfinished: [...open],
  };
}

function verifyRow(
  row: AuditRecord,
  expected: { seq: number; previousHash: string; open: Set<number> },
): AuditVerification['broken'] {
  const at = z.int().safeParse(row.seq).data ?? expected.seq;
  if (row.seq !== expected.seq)
    return { seq: expected.seq, why: `record ${expected.seq} is missing; the next one is ${row.seq}` };
  const record = auditRecordSchema.safeParse(row).data;
  if (record === undefined) return { seq: at, why: 'the record contains an invalid value' };
  if (record.previousHash !== expected.previousHash)
    return { seq: at, why: 'its previous hash does not match the record before it' };
  if (hashRecord(record) !== record.hash) return { seq: at, why: 'its content does not match its hash' };
  if (record.phase === 'intent') expected.open.add(record.seq);
  if (record.phase === 'outcome' && (record.intentSeq === null || !expected.open.delete(record.intentSeq)))
    return {
      seq: at,
      why: 'it is the outcome of an action that has no earlier record, or that already has an outcome',
    };
  return null;
}
