import { useMemo } from 'react';
import type { UsageComparison, UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import { formatMoney, type Amount } from '../../../../src-shared/model/billing/invoice.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { Bars } from '../../../ui/chart/Bars.tsx';
import { ChartLegend } from '../../../ui/chart/ChartLegend.tsx';
import { EmptyState } from '../../../ui/feedback/States.tsx';
import { AmountText } from '../components/AmountText.tsx';
import { invoiceRows, projectedInvoice } from '../invoiceRows.ts';
import { nameMonth } from '../months.ts';
import styles from '../usage.module.css';

/** Only for the length of a bar: an amount on the page is never computed from it. */
const toLength = (amount: Amount | null) => (amount?.known === true ? Number(amount.value) : null);

/** What each line costs to date, at the projected end, and in the month before. */
export function CostChart({
  preview,
  compared,
}: {
  preview: UsagePreviewView;
  compared: UsageComparison | null;
}) {
  const [{ as }] = useViewState(views.usage);
  const { invoice } = preview;
  const projected = projectedInvoice(preview);
  const rows = useMemo(
    () => (invoice === null ? [] : invoiceRows(invoice, projected, compared)),
    [invoice, projected, compared],
  );
  if (invoice === null)
    return <EmptyState title="No amount">{preview.error?.message ?? 'The invoice is not known.'}</EmptyState>;
  const series = [
    ...(compared === null
      ? []
      : [{ name: 'before', label: nameMonth(compared.before.month), color: 'var(--c5)' } as const]),
    { name: 'toDate', label: 'to date', color: 'var(--c1)' } as const,
    ...(projected === null ? [] : [{ name: 'projected', label: 'projected', color: 'var(--c2)' } as const]),
  ];
  const shown = rows.filter((row) =>
    [row.before, row.toDate, row.projected].some((amount) => toLength(amount) !== 0),
  );
  if (as === 'table')
    return (
      <section className={styles.scrolled} data-testid="table" aria-label="Cost by line" tabIndex={0}>
        <table className={styles.figures} aria-label={`Cost by line, in ${invoice.currency}`}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              {series.map(({ name, label }) => (
                <th key={name} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">{row.label}</th>
                {series.map(({ name }) => (
                  <td key={name}>
                    <AmountText amount={row[name]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    );
  return (
    <div className={styles.chart}>
      <Bars
        label={`Cost by line in ${invoice.currency}, ${series.map(({ label }) => label).join(', ')}. The table has the figures.`}
        series={series}
        rows={shown.map((row) => ({
          name: row.label,
          before: toLength(row.before),
          toDate: toLength(row.toDate),
          projected: toLength(row.projected),
        }))}
        format={(value) => formatMoney(value.toFixed(invoice.digits), invoice.currency)}
      />
      <ChartLegend
        label="Colours"
        entries={series.map(({ name, label, color }) => {
          const total = {
            before: compared?.before.invoice.total,
            toDate: invoice.total,
            projected: projected?.total,
          }[name];
          return {
            label,
            color,
            value: total?.known === true ? formatMoney(total.value, invoice.currency) : 'not known',
          };
        })}
      />
    </div>
  );
}
