import { useMemo, useState } from 'react';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { useNavigateTo } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { openApplianceDialog } from '../../state/viewState.ts';
import { Age } from '../../ui/feedback/Age.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { FreshnessProvider } from '../../ui/feedback/freshness.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { Loaded, HeadSkeleton } from '../../ui/feedback/Loaded.tsx';
import { ApplianceMarks } from '../fleet/components/ApplianceMarks.tsx';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useRefresh } from '../fleet/mutations.ts';
import { useApplianceByName } from '../fleet/queries.ts';
import { useHeldAppliance } from '../fleet/useHeldAppliance.ts';
import { tunnelColumns } from '../tenants/components/tunnelColumns.tsx';
import { TunnelTable } from '../tenants/components/TunnelTable.tsx';
import { CapacityPlan } from '../tenants/components/CapacityBar.tsx';
import { useMay } from '../system/queries.ts';
import { usePorts } from '../tenants/queries.ts';
import { ApplianceMenu } from './components/ApplianceMenu.tsx';
import { HostKeyCards } from './components/HostKeyCards.tsx';
import { ExplanationCards, LinkCard } from './components/LinkCard.tsx';
import { LicenceCard } from './components/LicenceCard.tsx';
import { FindingsCard, ProblemsCard, UnparsedCard } from './components/OverviewCards.tsx';
import { ServicesCard, SystemCard } from './components/SystemCards.tsx';
import styles from './appliance.module.css';
import button from '../../ui/layout/Button.module.css';
import card from '../../ui/layout/Card.module.css';
import layout from '../../ui/layout/layout.module.css';

/** One appliance: its problems first, then all other data. */
export function AppliancePage({ name }: { name: string }) {
  useTitle(name);
  useHeldAppliance(name);
  const appliance = useApplianceByName(name);
  return (
    <Page>
      <Loaded
        query={appliance}
        skeleton={<HeadSkeleton title={name} />}
        empty={<NoSuchAppliance name={name} />}
      >
        {(view) => <KnownAppliance view={view} />}
      </Loaded>
    </Page>
  );
}

function KnownAppliance({ view }: { view: ApplianceView }) {
  const refresh = useRefresh();
  const mayChange = useMay('admin');
  const { entry } = view;
  return (
    <>
      <PageHead
        title={entry.name}
        sub={[entry.group, entry.cluster === '' ? '' : `cluster ${entry.cluster}`, entry.description]
          .filter((part) => part !== '')
          .map(visibleLine)
          .join(' · ')}
      >
        <ApplianceMarks entry={entry} />
        <Age observedAt={view.observedAt} />
        <div className={`${layout.row} ${layout.pageActions}`}>
          <PlaceLink to={places.applianceTenants(entry.name)} className={button.btn}>
            Tenants & ports
          </PlaceLink>
          <PlaceLink to={places.applianceSyslog(entry.name)} className={button.btn}>
            Syslog
          </PlaceLink>
          <PlaceLink to={places.applianceConfiguration(entry.name)} className={button.btn}>
            Configuration
          </PlaceLink>
          <Button busy={refresh.isPending} onClick={() => refresh.mutate({ id: entry.id })}>
            Refresh
          </Button>
          {mayChange ? (
            <>
              <Button onClick={() => openApplianceDialog({ kind: 'edit', id: entry.id })}>Edit</Button>
            </>
          ) : null}
          <ApplianceMenu entry={entry} />
        </div>
      </PageHead>
      <HostKeyCards view={view} />
      <div className={styles.overview}>
        <div className={layout.stack}>
          <ProblemsCard view={view} />
          <UnparsedCard view={view} />
          <PartBoundary part="The tenants">
            <ApplianceTunnels view={view} />
          </PartBoundary>
          <LinkCard view={view} />
        </div>
        <div className={layout.stack}>
          <FreshnessProvider reachable={view.link.state === 'connected'}>
            <PartBoundary part="The overview">
              <LicenceCard view={view} />
              <FindingsCard view={view} />
              <ServicesCard view={view} />
              <SystemCard view={view} />
            </PartBoundary>
          </FreshnessProvider>
          <PartBoundary part="The explanation">
            <ExplanationCards id={entry.id} />
          </PartBoundary>
        </div>
      </div>
    </>
  );
}

/** A short table of the appliance's tunnels. A row links to the tunnel's details. */
function ApplianceTunnels({ view }: { view: ApplianceView }) {
  const navigateTo = useNavigateTo();
  const [selected, setSelected] = useState<string | null>(null);
  const ports = usePorts({ applianceId: view.entry.id });
  const { name } = view.entry;
  const columns = useMemo(
    () =>
      tunnelColumns({
        withAppliance: false,
        order: 'tenant',
        placeOf: (row) => places.tenant(name, row.clientId),
      }),
    [name],
  );
  return (
    <Card
      title="Tenants & ports"
      aside={
        <PlaceLink to={places.applianceTenants(name)}>
          {view.tenants === null
            ? 'open'
            : `${view.tenants.total} tenants, ${view.tenants.withSession} ${view.link.state === 'connected' ? 'with' : 'had'} a session`}
        </PlaceLink>
      }
      flush
    >
      <div className={styles.applianceCapacity}>
        <CapacityPlan applianceId={view.entry.id} />
      </div>
      <div className={styles.applianceTunnels}>
        <Loaded
          query={ports}
          skeleton={
            <div className={card.body}>
              <Skeleton lines={4} />
            </div>
          }
        >
          {({ rows }) => (
            <TunnelTable
              columns={columns}
              rows={rows}
              selected={selected}
              onSelect={setSelected}
              onOpen={(row) => navigateTo(places.tenant(name, row.clientId, row.port))}
              fit
              nothing="No tenants yet. They appear after the appliance’s first answer."
            />
          )}
        </Loaded>
      </div>
    </Card>
  );
}
