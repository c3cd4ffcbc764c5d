import { useMemo } from 'react';
import { parseClosedDays } from '../../../../src-shared/model/licence/closedDays.ts';
import { useNavigateTo, useViewState } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { views } from '../../../state/views.ts';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { DataTable } from '../../../ui/table/DataTable.tsx';
import { useCalendarSettings } from '../queries.ts';
import type { LicenceRow } from '../rows.ts';
import { ClusterParity } from './ClusterParity.tsx';
import { ExpiryCalendar } from './ExpiryCalendar.tsx';
import { licenceColumns } from './licenceColumns.tsx';
import { SettingsCards } from './SettingsCards.tsx';
import { TripTable } from './TripTable.tsx';
import card from '../../../ui/layout/Card.module.css';
import styles from '../licences.module.css';

type ShownProps = {
  rows: readonly LicenceRow[];
  now: number;
  /** Null for viewers. */
  onMark: ((name: string) => void) | null;
};

/** The chosen view of the licences: calendar, table or trips. */
export function ShownLicences(props: ShownProps) {
  const [{ show }] = useViewState(views.licences);
  if (show === 'trips') return <TripTable />;
  const { rows, now } = props;
  return (
    <>
      {show === 'table' ? <LicenceTable {...props} /> : <Calendar {...props} />}
      <PartBoundary part="The clusters">
        <ClusterParity rows={rows} />
      </PartBoundary>
      {show === 'table' ? null : <SettingsCards rows={rows} now={now} />}
    </>
  );
}

function Calendar({ rows, now, onMark }: ShownProps) {
  const [{ months }, changeView] = useViewState(views.licences);
  const closedDays = useCalendarSettings().data?.leadTimes.closedDays ?? '';
  const closed = useMemo(() => parseClosedDays(closedDays) ?? [], [closedDays]);
  return (
    <PartBoundary part="The calendar">
      <ExpiryCalendar
        rows={rows}
        now={now}
        months={months}
        closed={closed}
        onMonths={(next) => changeView({ months: next })}
        onMark={onMark}
      />
    </PartBoundary>
  );
}

function LicenceTable({ rows, now }: ShownProps) {
  const [{ sort }, changeView] = useViewState(views.licences);
  const navigateTo = useNavigateTo();
  const columns = useMemo(() => licenceColumns(now), [now]);
  return (
    <div className={`${card.card} ${styles.tableCard}`}>
      <DataTable
        label="Licences"
        columns={columns}
        rows={rows}
        rowKey={rowName}
        rowLabel={rowName}
        selectedKey={null}
        onSelect={() => undefined}
        sort={sort}
        onSort={(next) => changeView({ sort: next })}
        onOpen={({ name }) => navigateTo(places.appliance(name))}
        openText="Open the appliance"
        placeOf={({ name }) => places.appliance(name)}
        empty="No licences yet."
        opensOnClick
        fit
      />
    </div>
  );
}

function rowName({ name }: LicenceRow): string {
  return name;
}
