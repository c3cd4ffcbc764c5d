import { useState } from 'react';
import type { UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { type useUsagePreview, useUsageComparison } from '../queries.ts';
import { countAccounts } from '../countAccounts.ts';
import { ReportCard } from '../report/ReportCard.tsx';
import { allRows } from '../report/RowList.tsx';
import { shownAccounts, type ShowAccounts } from '../shownAccounts.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { useMay } from '../../system/queries.ts';
import { LeavesCard } from './LeavesCard.tsx';
import { InvoiceCard } from './InvoiceCard.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';

/** Charts are the largest part of the page, so the figures are shown before. */
const charts = lazyComponent(async () => (await import('../chart/ChartCard.tsx')).ChartCard);

type PreviewQuery = ReturnType<typeof useUsagePreview>;

/** Why there is no amount now, and the last complete counts with their age. */
function Problem({ preview, onRetry }: { preview: UsagePreviewView; onRetry: () => void }) {
  const { error, lastGood } = preview;
  if (error === null) return null;
  return (
    <>
      <ErrorNotice error={{ ...error, retryable: true, detail: {} }} onRetry={onRetry} />
      {lastGood === null ? (
        <p>No complete counts are kept.</p>
      ) : (
        <p className={feedback.word} data-tone="warn">
          Shown are the last complete counts, of <Moment at={lastGood.takenAt} />,{' '}
          <Ago at={lastGood.takenAt} isSentence />.
        </p>
      )}
    </>
  );
}

/** The invoice to expect, and why. */
export function UsagePreview({
  applianceId,
  month,
  preview,
}: {
  applianceId: string;
  month: string | null;
  preview: PreviewQuery;
}) {
  const mayRead = useMay('operator');
  const [rows, setRows] = useState(allRows);
  const [, changeView] = useViewState(views.usage);
  const shownMonth = preview.data?.summary?.month ?? month;
  const showAccounts: ShowAccounts = (selection, cause) => {
    setRows(shownAccounts(selection, { cause, month: shownMonth }));
    changeView({ report: 'per-user' });
  };
  const comparison = useUsageComparison(applianceId, month, preview.data !== undefined);
  return (
    <Loaded
      query={preview}
      skeleton={
        <Card>
          <Skeleton lines={8} />
        </Card>
      }
    >
      {(known) => {
        const isPresent = known.error === null;
        const shown = isPresent ? known : known.lastGood;
        const compared = comparison.data ?? null;
        return (
          <div className={styles.columns}>
            <div className={layout.stack}>
              <Problem preview={known} onRetry={() => void preview.refetch()} />
              {shown === null || shown.invoice === null ? null : (
                <InvoiceCard
                  applianceId={applianceId}
                  threshold={known.threshold}
                  isComparing={comparison.isFetching}
                  invoice={shown.invoice}
                  summary={shown.summary}
                  projection={isPresent ? known.projection : null}
                  compared={compared}
                  onShow={mayRead ? showAccounts : null}
                />
              )}
              {comparison.error === null ? null : (
                <ErrorNotice
                  tone="warn"
                  error={toErrorData(comparison.error)}
                  onRetry={() => void comparison.refetch()}
                />
              )}
              <charts.Component
                props={{ applianceId, preview: known, compared }}
                part="The charts"
                fallback={
                  <Card title="Charts">
                    <Skeleton lines={6} />
                  </Card>
                }
              />
            </div>
            <div className={layout.stack}>
              <LeavesCard name={known.name} summary={shown?.summary ?? null} />
              {mayRead ? (
                <PartBoundary part="What would be sent">
                  <ReportCard
                    applianceId={applianceId}
                    applianceName={known.name}
                    month={month}
                    accounts={
                      shown === null || shown.summary === null ? null : countAccounts(shown.summary).all
                    }
                    invoice={shown?.invoice ?? null}
                    shown={rows}
                    onShowAll={() => setRows(allRows)}
                  />
                </PartBoundary>
              ) : null}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
