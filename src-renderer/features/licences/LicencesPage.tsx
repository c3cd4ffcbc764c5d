import { useMemo, useState } from 'react';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
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
import { LeadTimes } from './components/LeadTimes.tsx';
import { NeedsAction } from './components/NeedsAction.tsx';
import { ContinueDialog, RenewDialog } from './components/RenewDialog.tsx';
import { TripTable } from './components/TripTable.tsx';
import { useTrips } from './queries.ts';
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
      <Loaded
        query={appliances}
        skeleton={<LicencesSkeleton />}
        empty={
          <>
            <PageHead title="Licences" />
            <EmptyState
              title="No appliances yet"
              action={<PlaceLink to={places.fleet()}>Add an appliance on the fleet page</PlaceLink>}
            >
              The calendar shows when each appliance’s licence expires.
            </EmptyState>
          </>
        }
      >
        {(known) => <KnownLicences appliances={known} />}
      </Loaded>
    </Page>
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
  const [{ show, months, sort, renew: renewed, window }, changeView] = useViewState(views.licences);
  const navigateTo = useNavigateTo();
  const trips = useTrips().data?.trips ?? [];
  const mayRenew = useMay('operator');
  const [isContinuing, setIsContinuing] = useState(false);
  const renew = (name: string): void => changeView({ renew: name });
  // Dates change once a day, and the table would be sorted again each second.
  const now = Math.floor(useNow() / minuteMs) * minuteMs;
  const rows = useMemo(() => licenceRows(appliances, now), [appliances, now]);
  const columns = useMemo(() => licenceColumns(now), [now]);
  const licensed = rows.filter(isLicensed).length;
  const windowed = mayRenew ? rows.find(({ name }) => name === window) : undefined;
  return (
    <>
      <PageHead
        title="Licences"
        sub={`${rows.length} appliance${rows.length === 1 ? '' : 's'}, ${licensed} licensed`}
      >
        <Chips label="View">
          <FilterChip
            on={show === 'calendar'}
            onToggle={() => changeView({ show: 'calendar' }, { push: true })}
          >
            Calendar
          </FilterChip>
          <FilterChip on={show === 'table'} onToggle={() => changeView({ show: 'table' }, { push: true })}>
            Table
          </FilterChip>
          <FilterChip on={show === 'trips'} onToggle={() => changeView({ show: 'trips' }, { push: true })}>
            Trips {trips.filter(({ ended }) => ended === null).length}
          </FilterChip>
        </Chips>
        <div className={`${layout.row} ${layout.pageActions}`}>
          <ExportMenu name="licences" columns={columns} rows={rows} />
          {mayRenew ? (
            <>
              <Button onClick={() => setIsContinuing(true)}>Continue from file…</Button>
              <Button kind="primary" onClick={() => renew(rows.find(isLicensed)?.name ?? '-')}>
                Renew offline…
              </Button>
            </>
          ) : null}
        </div>
      </PageHead>
      <PartBoundary part="What needs action">
        <NeedsAction rows={rows} now={now} trips={trips} onRenew={mayRenew ? renew : null} />
      </PartBoundary>
      <RenewDialog
        name={mayRenew ? renewed : ''}
        rows={rows}
        trips={trips}
        now={now}
        onChoose={renew}
        onClose={() => renew('')}
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
      {show === 'trips' ? null : (
        <PartBoundary part="The clusters">
          <ClusterParity rows={rows} />
        </PartBoundary>
      )}
      {show === 'trips' ? (
        <TripTable />
      ) : show === 'table' ? (
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
      ) : (
        <PartBoundary part="The calendar">
          <ExpiryCalendar
            rows={rows}
            now={now}
            months={months}
            onMonths={(next) => changeView({ months: next })}
          />
          <LeadTimes />
        </PartBoundary>
      )}
    </>
  );
}

function rowName({ name }: LicenceRow): string {
  return name;
}
