import type { UsagePreviewView } from '../../../../src-shared/contract/usage.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { type useUsagePreview, useUsageComparison } from '../queries.ts';
import { InvoiceCard } from './InvoiceCard.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';

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
                  invoice={shown.invoice}
                  summary={shown.summary}
                  projection={isPresent ? known.projection : null}
                  compared={compared}
                />
              )}
              {comparison.error === null ? null : (
                <ErrorNotice
                  tone="warn"
                  error={toErrorData(comparison.error)}
                  onRetry={() => void comparison.refetch()}
                />
              )}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
