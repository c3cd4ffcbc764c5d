import { accountFields } from '../../../../src-shared/model/usage/fieldTexts.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import type { AccountLine } from '../../../../src-shared/model/usage/usageReport.ts';
import type { Column } from '../../../ui/table/column.ts';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

/** `9b74…89e2`: enough of a hash to tell two apart. */
export const shortenHash = (hash: string): string => `${hash.slice(0, 4)}…${hash.slice(-4)}`;

function Identity({ row, value }: { row: AccountLine; value: string | null }) {
  if (value === null) return <span className={text.faint}>–</span>;
  return (
    <span
      className={`${text.mono} ${text.clip} ${row.internal ? styles.plain : ''}`}
      title={visibleLine(value)}
    >
      {row.internal ? visibleLine(value) : shortenHash(value)}
    </span>
  );
}

/** `plain text`, `active admin`, `inactive` */
export function describeState({ active, admin, internal }: AccountLine): string {
  const state = `${active ? 'active' : 'inactive'}${admin ? ' admin' : ''}`;
  return internal ? `plain text, ${state}` : state;
}

/** The columns of a report. A row opens to all fields. */
export const rowColumns: readonly Column<AccountLine>[] = [
  {
    id: 'account',
    header: accountFields.account.label,
    width: '84px',
    rank: 1,
    cell: (row) => <Identity row={row} value={row.account} />,
    value: (row) => row.account,
  },
  {
    id: 'userName',
    header: accountFields.userName.label,
    width: 'minmax(84px, 1fr)',
    rank: 1,
    cell: (row) => <Identity row={row} value={row.userName} />,
    value: (row) => row.userName,
  },
  {
    id: 'connector',
    header: accountFields.connector.label,
    width: '70px',
    rank: 1,
    cell: (row) => row.connector,
    value: (row) => row.connector,
  },
  {
    id: 'state',
    header: 'State',
    width: '80px',
    rank: 1,
    cell: (row) => (
      <span className={row.internal ? styles.plain : undefined}>
        {row.internal ? 'plain text' : describeState(row)}
      </span>
    ),
    value: describeState,
  },
  {
    id: 'lastRequest',
    header: 'Last use',
    width: '90px',
    rank: 2,
    end: true,
    cell: (row) => row.lastRequest ?? 'never',
    value: (row) => row.lastRequest,
  },
];
