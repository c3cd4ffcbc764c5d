import { Fragment, type ReactNode } from 'react';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import type { ConnectorChange } from '../../../../src-shared/model/billing/connectorChanges.ts';
import type { Amount } from '../../../../src-shared/model/billing/invoice.ts';
import { units } from '../../../../src-shared/model/billing/selection.ts';
import type { InvoiceRow } from '../invoiceRows.ts';
import { nameDay } from '../months.ts';
import type { ShowAccounts } from '../shownAccounts.ts';
import { AmountText, DifferenceText } from './AmountText.tsx';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

export type InvoiceTotals = {
  accounts: number | null;
  toDate: Amount;
  projected: Amount | null;
  before: Amount | null;
  difference: Amount | null;
};

/** `402 more in cmis` */
export function nameConnectorChange({ connector, before, now, expected }: ConnectorChange): string {
  const moved = (expected ?? now) - before;
  return `${formatCount(Math.abs(moved))} ${moved > 0 ? 'more' : 'fewer'} in ${connector}`;
}

/** `, 41 of them on 9–11 Nov` */
function describeBurst({ burst }: ConnectorChange): string {
  if (burst === null) return '';
  const days =
    burst.from === burst.to ? nameDay(burst.to) : `${Number(burst.from.slice(8))}–${nameDay(burst.to)}`;
  return `, ${formatCount(burst.count)} on ${days}`;
}

/** What the other columns of a cause say in one sentence: the counts, and how much of the change has happened. */
export function describeConnectorChange({ before, now, expected }: ConnectorChange, noun: string): string {
  const counts = `${formatCount(before)} → ${formatCount(now)} ${noun}`;
  return expected === null || expected === now
    ? counts
    : `${counts} so far, ${formatCount(expected)} expected`;
}

function Causes({
  row,
  hasProjection,
  onShow,
}: {
  row: InvoiceRow;
  hasProjection: boolean;
  onShow: ShowAccounts | null;
}) {
  const { causes, line, change } = row;
  const noun = units[line.selection?.unit ?? 'account'].plural;
  const span = hasProjection ? 6 : 5;
  const why = change?.why ?? '';
  const { selection } = line;
  return (
    <>
      <tr className={styles.why}>
        <td colSpan={span + 1}>
          <span className={text.sub}>{line.reason}</span>
          {line.alternative === null ? null : (
            <span className={text.sub}>
              {' '}
              These are {formatCount(line.alternative.count)} {units[line.alternative.unit].plural}.
            </span>
          )}
          {why === '' ? null : <span> {why}</span>}
          {selection === null || onShow === null ? null : (
            <>
              {' '}
              <button type="button" className={text.linkButton} onClick={() => onShow(selection, null)}>
                Show these accounts
              </button>
            </>
          )}
        </td>
      </tr>
      {causes.map((cause) => (
        <tr key={cause.connector} className={styles.why}>
          <td colSpan={span}>
            <b>{nameConnectorChange(cause)}</b>
            {describeBurst(cause)}
            <span className={text.sub}>, {describeConnectorChange(cause, noun)}.</span>
            {selection === null || onShow === null || cause.now <= cause.before ? null : (
              <>
                {' '}
                <button type="button" className={text.linkButton} onClick={() => onShow(selection, cause)}>
                  Show accounts connected this month
                </button>
              </>
            )}
          </td>
          <td>
            <DifferenceText amount={cause.amount} />
          </td>
        </tr>
      ))}
    </>
  );
}

function LineRow({
  row,
  isOpen,
  hasProjection,
  onToggle,
}: {
  row: InvoiceRow;
  isOpen: boolean;
  hasProjection: boolean;
  onToggle: () => void;
}) {
  const { line } = row;
  return (
    <tr data-open={isOpen}>
      <th scope="row">
        <button type="button" className={styles.opener} aria-expanded={isOpen} onClick={onToggle}>
          {row.label}
        </button>
      </th>
      <td>{line.quantity === null ? '–' : formatCount(line.quantity)}</td>
      <td>
        {line.unitPrice ?? '–'}
        {line.share === null ? null : (
          <span className={text.sub}>
            {' '}
            × {line.share.days}/{line.share.of}
          </span>
        )}
      </td>
      <td>
        <AmountText amount={row.toDate} />
      </td>
      {hasProjection ? (
        <td>
          <AmountText amount={row.projected} />
        </td>
      ) : null}
      <td className={text.sub}>
        <AmountText amount={row.before} />
      </td>
      <td>
        <DifferenceText amount={row.change?.difference ?? null} />
      </td>
    </tr>
  );
}

/** The lines of an invoice. Each opens to why it counts and why it changed. */
export function InvoiceTable({
  label,
  rows,
  totals,
  beforeName,
  openKey,
  onOpen,
  onShow,
}: {
  label: string;
  rows: readonly InvoiceRow[];
  totals: InvoiceTotals;
  beforeName: ReactNode;
  openKey: string;
  onOpen: (key: string) => void;
  /** Null if the operator may not see rows. */
  onShow: ShowAccounts | null;
}) {
  const hasProjection = totals.projected !== null;
  return (
    <div className={styles.tableFrame} data-testid="table">
      <table className={styles.invoice} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Count</th>
            <th scope="col">Rate</th>
            <th scope="col">To date</th>
            {hasProjection ? <th scope="col">Projected</th> : null}
            <th scope="col">{beforeName}</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const isOpen = row.key === openKey;
            return (
              <Fragment key={row.key}>
                <LineRow
                  row={row}
                  isOpen={isOpen}
                  hasProjection={hasProjection}
                  onToggle={() => onOpen(isOpen ? '' : row.key)}
                />
                {isOpen ? <Causes row={row} hasProjection={hasProjection} onShow={onShow} /> : null}
              </Fragment>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td>{totals.accounts === null ? '–' : formatCount(totals.accounts)}</td>
            <td>–</td>
            <td>
              <AmountText amount={totals.toDate} />
            </td>
            {hasProjection ? (
              <td>
                <AmountText amount={totals.projected} />
              </td>
            ) : null}
            <td>
              <AmountText amount={totals.before} />
            </td>
            <td>
              <DifferenceText amount={totals.difference} />
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
