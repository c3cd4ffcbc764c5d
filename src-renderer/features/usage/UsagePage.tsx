import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { useViewState } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { views } from '../../state/views.ts';
import { HeadSkeleton, Loaded } from '../../ui/feedback/Loaded.tsx';
import { EmptyState, Skeleton } from '../../ui/feedback/States.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { lazyComponent } from '../../ui/layout/lazyComponent.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { useApplianceList } from '../fleet/queries.ts';
import { useHeldAppliance } from '../fleet/useHeldAppliance.ts';
import { FleetUsage } from './components/FleetUsage.tsx';
import { UsageHead } from './components/UsageHead.tsx';
import { UsagePreview } from './components/UsagePreview.tsx';
import { useUsagePreview } from './queries.ts';

const whatIf = lazyComponent(async () => (await import('./whatIf/WhatIfView.tsx')).WhatIfView);

/** What one appliance reports for billing and the bill that follows, or the fleet’s bills. */
export function UsagePage({ applianceName }: { applianceName: string | null }) {
  useTitle(applianceName === null ? 'Usage & billing' : `Usage & billing · ${applianceName}`);
  useHeldAppliance(applianceName);
  const appliances = useApplianceList();
  return (
    <Page>
      <Loaded
        query={appliances}
        skeleton={<HeadSkeleton title="Usage & billing" />}
        empty={
          <>
            <PageHead title="Usage & billing" />
            <EmptyState
              title="No appliances yet"
              action={<PlaceLink to={places.fleet()}>Add an appliance on the fleet page</PlaceLink>}
            >
              This page shows what an appliance reports to the vendor, and the bill that follows.
            </EmptyState>
          </>
        }
      >
        {(known) => {
          if (applianceName === null) return <FleetUsage appliances={known} />;
          const view = known.find(({ entry }) => entry.name === applianceName);
          return view === undefined ? (
            <NoSuchAppliance name={applianceName} />
          ) : (
            <ApplianceUsage view={view} names={known.map(({ entry }) => entry.name)} />
          );
        }}
      </Loaded>
    </Page>
  );
}

function ApplianceUsage({ view, names }: { view: ApplianceView; names: readonly string[] }) {
  const [{ show, month: chosen }] = useViewState(views.usage);
  const month = chosen === '' ? null : chosen;
  const { id } = view.entry;
  const preview = useUsagePreview(id, month);
  const props = { applianceId: id, month };
  return (
    <>
      <UsageHead applianceId={id} name={view.entry.name} names={names} preview={preview} />
      {show === 'what-if' ? (
        <whatIf.Component
          props={props}
          part="What if and reconcile"
          fallback={
            <Card>
              <Skeleton lines={8} />
            </Card>
          }
        />
      ) : (
        <UsagePreview {...props} preview={preview} />
      )}
    </>
  );
}
