import { useState } from 'react';
import { useNavigateTo, useViewState } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { views } from '../../../state/views.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { Segments } from '../../../ui/layout/Segments.tsx';
import { useMay } from '../../system/queries.ts';
import { ExportDialog } from './ExportDialog.tsx';
import { listMonths, nameMonthAndYear } from '../months.ts';
import type { useUsagePreview } from '../queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const shows = [
  { value: 'preview', text: 'Preview' },
  { value: 'what-if', text: 'What if and reconcile' },
] as const;

const fleet = ' all';

/** The appliance, the month, and how old the counts are. */
export function UsageHead({
  applianceId,
  name,
  names,
  preview,
}: {
  applianceId: string;
  name: string;
  names: readonly string[];
  preview: ReturnType<typeof useUsagePreview>;
}) {
  const navigateTo = useNavigateTo();
  const [view, changeView] = useViewState(views.usage);
  const now = useNow();
  const mayExport = useMay('operator');
  const [isExporting, setIsExporting] = useState(false);
  const { data } = preview;
  const shownMonth = view.month === '' ? (data?.summary?.month ?? data?.lastGood?.month ?? null) : view.month;
  const takenAt = preview.data?.summary?.takenAt ?? preview.data?.lastGood?.takenAt ?? null;
  const months = listMonths(now);
  return (
    <PageHead title="Usage & billing">
      <CompactSelect
        label="Appliance"
        value={name}
        options={[
          { value: fleet, text: 'All appliances' },
          ...names.map((value) => ({ value, text: value })),
        ]}
        onChange={(next) =>
          navigateTo(
            next === fleet
              ? places.usage()
              : places.applianceUsage(next, { show: view.show, month: view.month }),
          )
        }
      />
      <CompactSelect
        label="Month"
        value={view.month}
        options={months.map((month, back) => ({
          value: back === 0 ? '' : month,
          text: nameMonthAndYear(month),
        }))}
        onChange={(month) => changeView({ month }, { push: true })}
      />
      {takenAt === null ? null : (
        <span className={text.sub}>
          snapshot <Moment at={takenAt} />, <Ago at={takenAt} isSentence />
        </span>
      )}
      <Button small kind="quiet" busy={preview.isFetching} onClick={() => void preview.refetch()}>
        Count again
      </Button>
      <div className={`${layout.row} ${layout.pageActions}`}>
        <Segments
          label="View"
          value={view.show}
          options={shows}
          onChange={(show) => changeView({ show }, { push: true })}
        />
        {mayExport ? (
          <Button disabled={shownMonth === null} onClick={() => setIsExporting(true)}>
            Export signed statement…
          </Button>
        ) : null}
      </div>
      {isExporting && shownMonth !== null ? (
        <ExportDialog
          applianceId={applianceId}
          applianceName={name}
          month={shownMonth}
          onClose={() => setIsExporting(false)}
        />
      ) : null}
    </PageHead>
  );
}
