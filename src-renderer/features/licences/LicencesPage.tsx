import { useMemo, useState } from 'react';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { parseClosedDays } from '../../../src-shared/model/licence/closedDays.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { places } from '../../state/places.ts';
import { useNavigateTo, useViewState } from '../../state/navigate.ts';
import { views } from '../../state/views.ts';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { useNow } from '../../ui/feedback/now.ts';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { EmptyState, Skeleton } from '../../ui/feedback/States.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { FilterChip } from '../../ui/layout/FilterChip.tsx';
import { Chips } from '../../ui/layout/Lists.tsx';
import { lazyComponent } from '../../ui/layout/lazyComponent.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { DataTable } from '../../ui/table/DataTable.tsx';
import { ExportMenu } from '../../ui/table/ExportMenu.tsx';
import { useMay } from '../system/queries.ts';
import { useApplianceList } from '../fleet/queries.ts';
import { ExpiryCalendar } from './components/ExpiryCalendar.tsx';
import { ClusterParity } from './components/ClusterParity.tsx';
import { licenceColumns } from './components/licenceColumns.tsx';
import { type CalendarDialogs, NeedsAction } from './components/NeedsAction.tsx';
import { ContinueDialog, RenewDialog } from './components/RenewDialog.tsx';
import { SettingsCards } from './components/SettingsCards.tsx';
import { SnoozeDialog } from './components/SnoozeDialog.tsx';
import { StepsDialog } from './components/StepsDialog.tsx';
import { TripTable } from './components/TripTable.tsx';
import { useCalendarSettings, useTrips } from './queries.ts';
import { saveCalendar } from './saveCalendar.ts';
import { isLicensed, type LicenceRow, licenceRows } from './rows.ts';
import card from '../../ui/layout/Card.module.css';
import layout from '../../ui/layout/layout.module.css';
import styles from './licences.module.css';

const ConnectedWindow = lazyComponent(async () => (await import('./window/WindowDialog.tsx')).WindowDialog);

/** Each licence's expiry and the work before it. */
export function LicencesPage() {
  useTitle('Licences');
  const appliances = useApplianceList();
  return (
    <Page>
      <Loaded query={appliances} skeleton={<LicencesSkeleton />} empty={<NoLicences />}>
        {(known) => <KnownLicences appliances={known} />}
      </Loaded>
    </Page>
  );
}

/** A computer without appliances can still go on with a renewal that was begun on another one. */
function NoLicences() {
  const [isContinuing, setIsContinuing] = useState(false);
  return (
    <>
      <PageHead title="Licences">
        <div className={`${layout.row} ${layout.pageActions}`}>
          {useMay('operator') ? (
            <Button onClick={() => setIsContinuing(true)}>Continue from file…</Button>
          ) : null}
        </div>
      </PageHead>
      <EmptyState
        title="No appliances yet"
        action={<PlaceLink to={places.fleet()}>Add an appliance on the fleet page</PlaceLink>}
      >
        The calendar shows when each appliance’s licence expires.
      </EmptyState>
      <ContinueDialog opened={isContinuing} onClose={() => setIsContinuing(false)} />
    </>
  );
}

function LicencesSkeleton() {
  return (
    <>
      <PageHead title="Licences" />
      <Card>
        <Skeleton lines={3} />
      </Card>
      <Card>
        <Skeleton lines={8} />
      </Card>
    </>
  );
}

function KnownLicences({ appliances }: { appliances: readonly ApplianceView[] }) {
  const [view, changeView] = useViewState(views.licences);
  const trips = useTrips().data?.trips ?? [];
  const mayRenew = useMay('operator');
  const [isContinuing, setIsContinuing] = useState(false);
  const dialogs: CalendarDialogs = {
    onRenew: (name) => changeView({ renew: name }),
    onSnooze: (name) => changeView({ snooze: name }),
    onMark: (name) => changeView({ mark: name }),
  };
  // Dates change once a day, and the table would be sorted again each second.
  const now = Math.floor(useNow() / minuteMs) * minuteMs;
  const rows = useMemo(() => licenceRows(appliances), [appliances]);
  const licensed = rows.filter(isLicensed);
  const named = (name: string) => (mayRenew ? (licensed.find((row) => row.name === name) ?? null) : null);
  const windowed = mayRenew ? rows.find(({ name }) => name === view.window) : undefined;
  return (
    <>
      <PageHead
        title="Licences"
        sub={`${rows.length} appliance${rows.length === 1 ? '' : 's'}, ${licensed.length} licensed`}
      >
        <ViewChips openTrips={trips.filter(({ ended }) => ended === null).length} />
        <div className={`${layout.row} ${layout.pageActions}`}>
          <ExportButtons rows={rows} now={now} />
          {mayRenew ? (
            <>
              <Button onClick={() => setIsContinuing(true)}>Continue from file…</Button>
              <Button kind="primary" onClick={() => dialogs.onRenew(licensed[0]?.name ?? '-')}>
                Renew offline…
              </Button>
            </>
          ) : null}
        </div>
      </PageHead>
      <PartBoundary part="What needs action">
        <NeedsAction rows={rows} now={now} trips={trips} dialogs={mayRenew ? dialogs : null} />
      </PartBoundary>
      <RenewDialog
        name={mayRenew ? view.renew : ''}
        rows={rows}
        trips={trips}
        now={now}
        onChoose={dialogs.onRenew}
        onClose={() => changeView({ renew: '' })}
        onWindow={(name) => changeView({ renew: '', window: name })}
      />
      {windowed === undefined ? null : (
        <ConnectedWindow.Component
          props={{
            applianceId: windowed.id,
            name: windowed.name,
            onClose: () => changeView({ window: '' }),
          }}
          fallback={null}
          dialog={{ title: 'Renew through this computer', onClose: () => changeView({ window: '' }) }}
        />
      )}
      <ContinueDialog opened={isContinuing} onClose={() => setIsContinuing(false)} />
      <SnoozeDialog row={named(view.snooze)} now={now} onClose={() => changeView({ snooze: '' })} />
      <StepsDialog row={named(view.mark)} now={now} onClose={() => changeView({ mark: '' })} />
      {view.show === 'trips' ? null : (
        <PartBoundary part="The clusters">
          <ClusterParity rows={rows} />
        </PartBoundary>
      )}
      <ShownLicences rows={rows} now={now} onMark={mayRenew ? dialogs.onMark : null} />
    </>
  );
}

function ViewChips({ openTrips }: { openTrips: number }) {
  const [{ show }, changeView] = useViewState(views.licences);
  const chips = [
    { value: 'calendar', text: 'Calendar' },
    { value: 'table', text: 'Table' },
    { value: 'trips', text: `Trips ${openTrips}` },
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

function ExportButtons({ rows, now }: { rows: readonly LicenceRow[]; now: number }) {
  const columns = useMemo(() => licenceColumns(now), [now]);
  const settings = useCalendarSettings().data;
  return (
    <>
      <ExportMenu name="licences" columns={columns} rows={rows} />
      <Button
        disabled={settings === undefined}
        title="Dates, expiries and alarms as an iCalendar file. Importing it again replaces its events."
        onClick={() => (settings === undefined ? null : saveCalendar(rows, settings.reminders))}
      >
        Export .ics
      </Button>
    </>
  );
}

/** The chosen view of the licences: calendar, table or trips. */
function ShownLicences({
  rows,
  now,
  onMark,
}: {
  rows: readonly LicenceRow[];
  now: number;
  onMark: ((name: string) => void) | null;
}) {
  const [{ show, months, sort }, changeView] = useViewState(views.licences);
  const navigateTo = useNavigateTo();
  const columns = useMemo(() => licenceColumns(now), [now]);
  const closedDays = useCalendarSettings().data?.leadTimes.closedDays ?? '';
  const closed = useMemo(() => parseClosedDays(closedDays) ?? [], [closedDays]);
  if (show === 'trips') return <TripTable />;
  if (show === 'table')
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
      <SettingsCards rows={rows} now={now} />
    </PartBoundary>
  );
}

function rowName({ name }: LicenceRow): string {
  return name;
}
