import { useMemo, useState } from 'react';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';
import { places } from '../../state/places.ts';
import { useViewState } from '../../state/navigate.ts';
import { views } from '../../state/views.ts';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { useNow } from '../../ui/feedback/now.ts';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { EmptyState, Skeleton } from '../../ui/feedback/States.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useMay } from '../system/queries.ts';
import { useApplianceList } from '../fleet/queries.ts';
import { ExportButtons, ViewChips } from './components/HeadParts.tsx';
import { LicenceDialogs } from './components/LicenceDialogs.tsx';
import { type CalendarDialogs, NeedsAction } from './components/NeedsAction.tsx';
import { ContinueDialog } from './components/RenewDialog.tsx';
import { ShownLicences } from './components/ShownLicences.tsx';
import { useTrips } from './queries.ts';
import { isLicensed, licenceRows } from './rows.ts';
import layout from '../../ui/layout/layout.module.css';

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
  const [, changeView] = useViewState(views.licences);
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
      {mayRenew ? <LicenceDialogs rows={rows} trips={trips} now={now} /> : null}
      <ContinueDialog opened={isContinuing} onClose={() => setIsContinuing(false)} />
      <ShownLicences rows={rows} now={now} onMark={mayRenew ? dialogs.onMark : null} />
    </>
  );
}
