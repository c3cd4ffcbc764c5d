import type { AuditedAction, AuditRecord } from '../../../src-shared/model/audit/audit.ts';
import type { Column } from '../../ui/table/column.ts';
import { MachineText } from '../../ui/text/Machine.tsx';
import { Moment } from '../../ui/feedback/Moment.tsx';
import { findEndRecord, eventLabel } from './actions.ts';
import feedback from '../../ui/feedback/feedback.module.css';
import textStyles from '../../ui/text/text.module.css';

const resultTones = { ok: 'ok', failed: 'bad', pending: 'unknown' } as const;

/** The result of an action as text. Audit records don't expire, so green never becomes amber. */
export function ResultWord({ end }: { end: AuditRecord | null }) {
  if (end === null)
    return (
      <span
        className={feedback.word}
        data-tone="unknown"
        title="No outcome recorded: still running or interrupted"
      >
        no outcome
      </span>
    );
  return (
    <span className={feedback.word} data-tone={resultTones[end.result]}>
      {end.result}
      {end.errorCode === null ? null : <span className={textStyles.mono}> {end.errorCode}</span>}
    </span>
  );
}

function describe(action: AuditedAction): string {
  return findEndRecord(action)?.detail || (action.start.command ?? action.start.detail);
}

export const auditColumns: readonly Column<AuditedAction>[] = [
  {
    id: 'seq',
    header: '#',
    width: '64px',
    rank: 6,
    end: true,
    cell: ({ start }) => start.seq,
    value: ({ start }) => start.seq,
  },
  {
    id: 'at',
    header: 'Time',
    width: '158px',
    rank: 3,
    value: ({ start }) => start.at,
    cell: ({ start }) => <Moment at={start.at} />,
  },
  {
    id: 'operator',
    header: 'User',
    width: 'minmax(80px, 0.7fr)',
    rank: 5,
    value: ({ start }) => start.operator,
    cell: ({ start }) => start.operator,
  },
  {
    id: 'event',
    header: 'Event',
    width: 'minmax(130px, 1fr)',
    rank: 1,
    value: ({ start }) => start.event,
    cell: ({ start }) => <span title={start.event}>{eventLabel(start.event)}</span>,
  },
  {
    id: 'object',
    header: 'Object',
    width: 'minmax(110px, 1fr)',
    rank: 2,
    value: ({ start }) => start.object,
    cell: ({ start }) => <MachineText text={start.object} />,
  },
  {
    id: 'result',
    header: 'Outcome',
    width: 'minmax(100px, 0.9fr)',
    rank: 1,
    value: (action) => findEndRecord(action)?.result ?? 'no outcome',
    cell: (action) => <ResultWord end={findEndRecord(action)} />,
  },
  {
    id: 'detail',
    header: 'Detail',
    width: 'minmax(120px, 2fr)',
    rank: 7,
    value: describe,
    cell: (action) => <MachineText text={describe(action)} />,
  },
];

/** The exported file also has columns for values that the page shows beside the table. */
export const exportedColumns: readonly Column<AuditedAction>[] = [
  ...auditColumns,
  {
    id: 'outcome',
    header: 'Outcome #',
    width: '64px',
    rank: 8,
    value: ({ outcome }) => outcome?.seq ?? null,
    cell: ({ outcome }) => outcome?.seq,
  },
  {
    id: 'errorCode',
    header: 'Error',
    width: '64px',
    rank: 8,
    value: (action) => findEndRecord(action)?.errorCode ?? null,
    cell: (action) => findEndRecord(action)?.errorCode,
  },
];
