import { useMemo } from 'react';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { ExportMenu } from '../../../ui/table/ExportMenu.tsx';
import { useCalendarSettings } from '../queries.ts';
import type { LicenceRow } from '../rows.ts';
import { saveCalendar } from '../saveCalendar.ts';
import { licenceColumns } from './licenceColumns.tsx';

/** The views of the licences to choose from. */
export function ViewChips({ openTrips }: { openTrips: number }) {
  const [{ show }, changeView] = useViewState(views.licences);
  const chips = [
    { value: 'calendar', text: 'Calendar' },
    { value: 'table', text: 'Table' },
    { value: 'trips', text: openTrips === 0 ? 'Trips' : `Trips, ${openTrips} open` },
  ] as const;
  return (
    <Chips label="View">
      {chips.map(({ value, text }) => (
        <FilterChip
          key={value}
          on={show === value}
          onToggle={() => changeView({ show: value }, { push: true })}
        >
          {text}
        </FilterChip>
      ))}
    </Chips>
  );
}

/** Saves the rows as a file, or the dates for a calendar program. */
export function ExportButtons({ rows, now }: { rows: readonly LicenceRow[]; now: number }) {
  const columns = useMemo(() => licenceColumns(now), [now]);
  const settings = useCalendarSettings().data;
  return (
    <>
      <ExportMenu name="licences" columns={columns} rows={rows} text="Export table…" />
      <Button
        disabled={settings === undefined}
        title="Dates, expiries and alarms as an iCalendar file. Importing it again replaces its events."
        onClick={() => (settings === undefined ? null : saveCalendar(rows, settings.reminders))}
      >
        Save calendar (.ics)
      </Button>
    </>
  );
}
