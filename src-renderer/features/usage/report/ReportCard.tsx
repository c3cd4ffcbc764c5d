import { useState } from 'react';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import type { Invoice } from '../../../../src-shared/model/billing/invoice.ts';
import type { AccountLine } from '../../../../src-shared/model/usage/usageReport.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { Segments } from '../../../ui/layout/Segments.tsx';
import { AccountSearch } from './AccountSearch.tsx';
import { FieldsDialog, RowDialog } from './FieldsDialog.tsx';
import { RowList, type ShownRows } from './RowList.tsx';
import { ShortReport } from './ShortReport.tsx';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

/** The three reports as they would be sent. */
export function ReportCard({
  applianceId,
  applianceName,
  month,
  accounts,
  invoice,
  shown,
  onShowAll,
}: {
  applianceId: string;
  applianceName: string;
  month: string | null;
  /** Accounts of the report; null if they were not counted. */
  accounts: number | null;
  invoice: Invoice | null;
  shown: ShownRows;
  onShowAll: () => void;
}) {
  const [{ report }, changeView] = useViewState(views.usage);
  const [opened, setOpened] = useState<AccountLine | null>(null);
  const [isExplaining, setIsExplaining] = useState(false);
  const kinds = [
    { value: 'per-user', text: accounts === null ? 'Per user' : `Per user ${formatCount(accounts)}` },
    { value: 'standard', text: 'Standard' },
    { value: 'ping', text: 'Ping' },
  ] as const;
  return (
    <Card
      label="What would be sent"
      title="What would be sent"
      flush
      aside={
        <Segments
          label="Report"
          value={report}
          options={kinds}
          onChange={(kind) => changeView({ report: kind })}
        />
      }
    >
      {report === 'per-user' ? (
        <>
          <AccountSearch
            applianceId={applianceId}
            applianceName={applianceName}
            month={month}
            invoice={invoice}
            onShow={setOpened}
          />
          <RowList
            key={`${applianceId} ${month} ${JSON.stringify(shown)}`}
            applianceId={applianceId}
            month={month}
            accounts={accounts}
            shown={shown}
            onShowAll={onShowAll}
            onOpen={setOpened}
          />
        </>
      ) : (
        <ShortReport key={report} applianceId={applianceId} month={month} kind={report} />
      )}
      <div className={styles.cardFoot}>
        <span className={text.sub}>
          {report === 'per-user'
            ? 'Five of eleven fields. Enter or a double click shows all of a row.'
            : null}
        </span>
        <button type="button" className={text.linkButton} onClick={() => setIsExplaining(true)}>
          All fields explained
        </button>
      </div>
      <FieldsDialog opened={isExplaining} onClose={() => setIsExplaining(false)} />
      <RowDialog row={opened} onClose={() => setOpened(null)} />
    </Card>
  );
}
