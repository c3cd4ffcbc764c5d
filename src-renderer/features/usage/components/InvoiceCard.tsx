import { useMemo } from 'react';
import type { UsageComparison, UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import { formatDecimal, formatMoney, type Invoice } from '../../../../src-shared/model/billing/invoice.ts';
import type { UsageSummary } from '../../../../src-shared/model/usage/usageSummary.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { countAccounts } from '../countAccounts.ts';
import { invoiceRows, projectedInvoice, shownComparison } from '../invoiceRows.ts';
import { nameMonth } from '../months.ts';
import type { ShowAccounts } from '../shownAccounts.ts';
import { InvoiceTable } from './InvoiceTable.tsx';
import { ThresholdField } from './ThresholdField.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

/** `12.0 % more than October` */
function describePercent(percent: string, month: string): string {
  if (!/[1-9]/u.test(percent)) return `The same as ${nameMonth(month)}`;
  const isLess = percent.startsWith('-');
  return `${percent.replace('-', '')} % ${isLess ? 'less' : 'more'} than ${nameMonth(month)}`;
}

function Headline({
  invoice,
  projection,
  compared,
}: {
  invoice: Invoice;
  projection: UsagePreviewView['projection'];
  compared: UsageComparison | null;
}) {
  const { currency } = invoice;
  const total = (projectedInvoice({ projection }) ?? invoice).total;
  const percent = compared === null ? null : shownComparison(compared).percent;
  const rises = percent !== null && !percent.startsWith('-') && /[1-9]/u.test(percent);
  return (
    <span className={`${layout.row} ${layout.tight} ${styles.headline}`}>
      {percent === null || compared === null ? null : (
        <span className={feedback.chip} data-tone={rises ? 'warn' : undefined}>
          {describePercent(percent, compared.before.month)}
        </span>
      )}
      <b className={styles.total}>{total.known ? formatMoney(total.value, currency) : 'Not known'}</b>
      {projection?.known === true &&
      projection.daysLeft > 0 &&
      projection.low.known &&
      projection.high.known ? (
        <span className={text.sub}>
          range {formatDecimal(projection.low.value)}–{formatDecimal(projection.high.value)}
        </span>
      ) : null}
    </span>
  );
}

/** The invoice of one month: to date, at its projected end, and against the month before. */
export function InvoiceCard({
  applianceId,
  threshold,
  isComparing,
  invoice,
  summary,
  projection,
  compared,
  onShow,
}: {
  applianceId: string;
  threshold: UsagePreviewView['threshold'];
  /** Whether the month before is being counted. */
  isComparing: boolean;
  invoice: Invoice;
  summary: UsageSummary | null;
  projection: UsagePreviewView['projection'];
  compared: UsageComparison | null;
  onShow: ShowAccounts | null;
}) {
  const [{ line }, changeView] = useViewState(views.usage);
  const projected = projectedInvoice({ projection });
  const rows = useMemo(() => invoiceRows(invoice, projected, compared), [invoice, projected, compared]);
  const title = projected === null ? 'Invoice to date' : 'Projected invoice';
  return (
    <Card
      label="Invoice"
      flush
      title={
        <>
          {title} <span className={styles.planName}>{invoice.plan.label}</span>
        </>
      }
      aside={<Headline invoice={invoice} projection={projection} compared={compared} />}
    >
      <InvoiceTable
        label={`Invoice of ${invoice.month}, amounts in ${invoice.currency}`}
        rows={rows}
        beforeName={
          compared === null
            ? isComparing
              ? 'Month before, counting…'
              : 'Month before'
            : nameMonth(compared.before.month)
        }
        totals={{
          accounts: summary === null ? null : countAccounts(summary).all,
          toDate: invoice.total,
          projected: projected?.total ?? null,
          before: compared?.before.invoice.total ?? null,
          difference: compared === null ? null : shownComparison(compared).difference,
        }}
        openKey={line}
        onOpen={(key) => changeView({ line: key })}
        onShow={onShow}
      />
      <div className={styles.footNotes}>
        {invoice.total.known ? null : <p role="alert">{invoice.total.reason}</p>}
        <div className={styles.footRow}>
          <p>
            {invoice.rounding} Amounts in {invoice.currency}. Not charged yet: the vendor’s invoice decides.
          </p>
          <ThresholdField
            // With another saved amount, the field starts with it.
            key={threshold?.threshold.amount ?? ''}
            applianceId={applianceId}
            currency={invoice.currency}
            threshold={threshold}
            mayChange={onShow !== null}
          />
        </div>
        {projection === null || projection.daysLeft === 0 ? null : (
          <p>{projection.known ? projection.basis : `No projection: ${projection.reason}`}</p>
        )}
      </div>
    </Card>
  );
}
