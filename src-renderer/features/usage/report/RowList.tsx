import { useMemo, useState } from 'react';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import {
  everyRow,
  maxPlainRows,
  maxReportRows,
  type RowFilter,
} from '../../../../src-shared/model/usage/reportRows.ts';
import type { AccountLine } from '../../../../src-shared/model/usage/usageReport.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { DataTable } from '../../../ui/table/DataTable.tsx';
import { describeState, rowColumns } from './rowColumns.tsx';
import { useReportRows } from './useReportRows.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

/** Which rows are shown, and in words. */
export type ShownRows = { filter: RowFilter; text: string };
export const allRows: ShownRows = { filter: everyRow, text: '' };

/** A larger report is read on request only: it takes seconds and many megabytes **[ours]**. */
const maxUnasked = 50_000;

const rowName = (row: AccountLine) => `${row.account}, ${row.connector}, ${describeState(row)}`;

function Progress({ rows, accounts }: { rows: ReturnType<typeof useReportRows>; accounts: number | null }) {
  const { plainMatched, matched, read, isDone } = rows;
  const unlisted = plainMatched - rows.plain.length;
  return (
    <p className={styles.listHead} aria-live="polite">
      <span>
        <b className={plainMatched > 0 ? styles.plain : undefined}>{formatCount(plainMatched)}</b> of{' '}
        {formatCount(matched)} rows {plainMatched === 1 ? 'is' : 'are'} in plain text
        {plainMatched > 0 ? ', listed first' : ''}
        {unlisted > 0 ? `, the first ${formatCount(maxPlainRows)} of them` : ''}.
      </span>
      {isDone ? null : (
        <span className={text.sub}>
          Reading: {formatCount(read)}
          {accounts === null ? '' : ` of ${formatCount(accounts)}`}
        </span>
      )}
    </p>
  );
}

/** The rows of the per-user report: those in plain text first, then a page of the others. */
export function RowList({
  applianceId,
  month,
  accounts,
  shown,
  onShowAll,
  onOpen,
}: {
  applianceId: string;
  month: string | null;
  accounts: number | null;
  shown: ShownRows;
  onShowAll: () => void;
  onOpen: (row: AccountLine) => void;
}) {
  const [isAsked, setIsAsked] = useState(accounts !== null && accounts <= maxUnasked);
  const [skip, setSkip] = useState(0);
  const [attempt, setAttempt] = useState(0);
  const [selected, setSelected] = useState<string | null>(null);
  const rows = useReportRows(isAsked ? { applianceId, month, filter: shown.filter, skip, attempt } : null);
  const list = useMemo(() => [...rows.plain, ...rows.hashed], [rows.plain, rows.hashed]);
  if (!isAsked)
    return (
      <div className={styles.ask}>
        <p>
          {accounts === null
            ? 'It is not known how long the report is.'
            : `The report has ${formatCount(accounts)} rows, about ${formatCount(Math.ceil(accounts / 3000))} MB.`}{' '}
          It is read from the appliance and not kept.
        </p>
        <Button small onClick={() => setIsAsked(true)}>
          Read the report
        </Button>
      </div>
    );
  const hashed = rows.matched - rows.plainMatched;
  const last = skip + rows.hashed.length;
  return (
    <>
      {shown.text === '' ? null : (
        <p className={styles.listHead}>
          <span>Only {shown.text}.</span>
          <button type="button" className={text.linkButton} onClick={onShowAll}>
            Show all rows
          </button>
        </p>
      )}
      {rows.error === null ? null : (
        <ErrorNotice error={rows.error} onRetry={() => setAttempt(attempt + 1)} />
      )}
      <Progress rows={rows} accounts={accounts} />
      <div className={styles.rows}>
        {list.length === 0 && !rows.isDone && rows.error === null ? (
          <div className={styles.rowSkeleton}>
            <Skeleton lines={6} />
          </div>
        ) : (
          <DataTable
            label="Rows of the per-user report"
            columns={rowColumns}
            rows={list}
            rowKey={(row) => row.account}
            rowLabel={rowName}
            selectedKey={selected}
            onSelect={setSelected}
            onOpen={onOpen}
            openText="Show all fields of the row"
            empty={rows.error === null ? 'No matching accounts.' : 'The report could not be read.'}
          />
        )}
      </div>
      {hashed <= maxReportRows ? null : (
        <div className={`${layout.row} ${styles.pager}`}>
          <span className={text.sub}>
            Hashed rows {formatCount(skip + 1)}–{formatCount(last)} of {formatCount(hashed)}
          </span>
          <Button small disabled={skip === 0} onClick={() => setSkip(Math.max(0, skip - maxReportRows))}>
            Previous
          </Button>
          <Button small disabled={last >= hashed} onClick={() => setSkip(skip + maxReportRows)}>
            Next
          </Button>
        </div>
      )}
    </>
  );
}
