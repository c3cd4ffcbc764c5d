import type { AuditRecord } from '../../../src-shared/model/audit/audit.ts';
import type { Column } from '../../ui/table/column.ts';
import { MachineText } from '../../ui/text/Machine.tsx';
import { Moment } from '../../ui/feedback/Moment.tsx';
import feedback from '../../ui/feedback/feedback.module.css';
import textStyles from '../../ui/text/text.module.css';

const resultTones = { ok: 'ok', failed: 'bad', pending: 'unknown' } as const;

/** The result of a record as text. The trail does not become old, so it may stay green. */
export function ResultWord({ record }: { record: AuditRecord }) {
  const word = record.phase === 'intent' ? 'intended' : record.result;
  return (
    <span
      className={feedback.word}
      data-tone={record.phase === 'intent' ? 'unknown' : resultTones[record.result]}
    >
      {word}
      {record.errorCode === null ? null : <span className={textStyles.mono}> {record.errorCode}</span>}
    </span>
  );
}

export const auditColumns: readonly Column<AuditRecord>[] = [
  {
    id: 'seq',
    header: '#',
    width: '70px',
    rank: 6,
    end: true,
    cell: (record) => record.seq,
    value: (record) => record.seq,
  },
  {
    id: 'at',
    header: 'Time',
    width: '158px',
    rank: 3,
    value: (record) => record.at,
    cell: (record) => <Moment at={record.at} />,
  },
  {
    id: 'operator',
    header: 'Operator',
    width: 'minmax(80px, 0.7fr)',
    rank: 5,
    value: (record) => record.operator,
    cell: (record) => record.operator,
  },
  {
    id: 'event',
    header: 'Event',
    width: 'minmax(130px, 1fr)',
    rank: 1,
    value: (record) => record.event,
    cell: (record) => <MachineText text={record.event} />,
  },
  {
    id: 'object',
    header: 'Object',
    width: 'minmax(100px, 1fr)',
    rank: 4,
    value: (record) => record.object,
    cell: (record) => <MachineText text={record.object} />,
  },
  {
    id: 'result',
    header: 'Result',
    width: 'minmax(90px, 0.9fr)',
    rank: 1,
    value: (record) => record.result,
    cell: (record) => <ResultWord record={record} />,
  },
  {
    id: 'detail',
    header: 'Detail',
    width: 'minmax(120px, 2fr)',
    rank: 7,
    value: (record) => record.command ?? record.detail,
    cell: (record) => <MachineText text={record.command ?? record.detail} />,
  },
];
