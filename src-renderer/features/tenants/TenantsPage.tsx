import { useCallback, useDeferredValue, useMemo } from 'react';
import type { PortRow } from '../../../src-shared/contract/ports.ts';
import { useNavigateTo, useViewState } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { views } from '../../state/views.ts';
import { Page } from '../../ui/layout/Page.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { useAppliances, useApplianceByName } from '../fleet/queries.ts';
import { useHeldAppliance } from '../fleet/useHeldAppliance.ts';
import { CapacityBar } from './components/CapacityBar.tsx';
import { TableCard } from './components/TableCard.tsx';
import { TenantsHead, TenantsSkeleton } from './components/TenantsHead.tsx';
import { MissingPanel, TunnelPanel } from './components/TunnelPanel.tsx';
import { usePorts } from './queries.ts';
import { arrangeRows, countRows, filterRows, repositoryKeyOf, rowKeyOf, tenantKeyOf } from './rows.ts';
import { findSelection, type NamedTunnel, type Selection } from './selection.ts';
import { Split } from '../../ui/layout/Split.tsx';

/**
 * `applianceName`: the appliance whose tunnels are shown; null for all. `named`: the tunnel or tenant that
 * the address names.
 */
type TenantsPageProps = { applianceName: string | null; named: NamedTunnel | null };

/** Lists the tunnels of one appliance or of all. */
export function TenantsPage({ applianceName, named }: TenantsPageProps) {
  useTitle(
    ['Tenants & ports', named?.applianceName ?? applianceName, named?.clientId, named?.port]
      .filter((part) => part != null)
      .join(' · '),
  );
  useHeldAppliance(applianceName);
  const appliance = useApplianceByName(applianceName ?? '');
  if (applianceName === null)
    return (
      <Page fill>
        <LoadedTenants applianceName={null} named={named} applianceId={null} />
      </Page>
    );
  return (
    <Page fill>
      <Loaded
        query={appliance}
        skeleton={<TenantsSkeleton sub={applianceName} />}
        empty={<NoSuchAppliance name={applianceName} />}
      >
        {({ entry }) => <LoadedTenants applianceName={applianceName} named={named} applianceId={entry.id} />}
      </Loaded>
    </Page>
  );
}

function LoadedTenants({ applianceId, ...props }: TenantsPageProps & { applianceId: string | null }) {
  const ports = usePorts({ applianceId });
  return (
    <Loaded query={ports} skeleton={<TenantsSkeleton sub={props.applianceName ?? 'all appliances'} />}>
      {({ rows }) => <KnownTenants {...props} applianceId={applianceId} rows={rows} />}
    </Loaded>
  );
}

/** The rows that match filter and text, in order, and what each filter would show. */
function useShownRows(rows: readonly PortRow[]) {
  const [{ show, order, q }] = useViewState(views.tenants);
  // Typing must not wait until thousands of rows are searched.
  const text = useDeferredValue(q);
  const counts = useMemo(() => countRows(rows), [rows]);
  const shown = useMemo(
    () => arrangeRows(filterRows({ rows, filter: show, text }), order),
    [rows, show, text, order],
  );
  const tenantCount = useMemo(() => new Set(rows.map(tenantKeyOf)).size, [rows]);
  return { shown, counts, tenantCount };
}

/** Addresses of tenants and tunnels on this page. The filter stays when another row is selected. */
function useTenantPlaces(applianceName: string | null) {
  const navigateTo = useNavigateTo();
  const [view] = useViewState(views.tenants);
  const placeOf = useCallback(
    (row: Pick<PortRow, 'applianceName' | 'clientId'>, port: number | null, chosenRepository = '') => {
      const shownView = { ...view, repository: chosenRepository };
      return applianceName === null
        ? places.anyTenant(row.applianceName, row.clientId, port, shownView)
        : places.tenant(applianceName, row.clientId, port, shownView);
    },
    [applianceName, view],
  );
  const close = (): void => {
    const shownView = { ...view, repository: '' };
    navigateTo(
      applianceName === null ? places.tenants(shownView) : places.applianceTenants(applianceName, shownView),
    );
  };
  return { placeOf, close, navigateTo };
}

type KnownTenantsProps = TenantsPageProps & { applianceId: string | null; rows: readonly PortRow[] };

function KnownTenants({ applianceName, applianceId, named, rows }: KnownTenantsProps) {
  const appliances = useAppliances();
  const [{ repository }] = useViewState(views.tenants);
  const { shown, counts, tenantCount } = useShownRows(rows);
  const { placeOf, close, navigateTo } = useTenantPlaces(applianceName);
  const selection = useMemo(
    () => findSelection({ rows, named, appliances, repository }),
    [rows, named, appliances, repository],
  );
  const select = (key: string | null, by: 'click' | 'key' = 'click'): void => {
    const row = rows.find((candidate) => rowKeyOf(candidate) === key);
    if (row === undefined) return close();
    const place = placeOf(row, row.port, row.port === null ? repositoryKeyOf(row) : '');
    // After any number of arrow keys, one step back leads to the list.
    navigateTo(place, { replace: by === 'key' && named !== null });
  };
  return (
    <>
      <TenantsHead {...{ applianceName, applianceId, counts, tenantCount }} />
      {applianceId === null ? null : (
        <PartBoundary part="The capacity">
          <CapacityBar applianceId={applianceId} />
        </PartBoundary>
      )}
      <Split hasDetail={selection.found !== 'nothing'}>
        <PartBoundary part="The table">
          <TableCard
            name={`tunnels-${applianceName ?? 'all'}`}
            withAppliance={applianceName === null}
            rows={shown}
            placeOf={placeOf}
            selected={selection.found === 'row' ? rowKeyOf(selection.row) : null}
            onSelect={select}
            nothing={
              rows.length === 0
                ? 'No tenants yet. They appear after an appliance’s first answer.'
                : 'No matching tunnels.'
            }
          />
        </PartBoundary>
        <PartBoundary key={panelKey(selection)} part="The details">
          <SelectionPanel selection={selection} placeOf={placeOf} onClose={close} />
        </PartBoundary>
      </Split>
    </>
  );
}

function panelKey(selection: Selection): string {
  return selection.found === 'row' ? `${tenantKeyOf(selection.row)} ${selection.port}` : selection.found;
}

function SelectionPanel({
  selection,
  placeOf,
  onClose,
}: {
  selection: Selection;
  placeOf: (row: Pick<PortRow, 'applianceName' | 'clientId'>, port: number | null) => string;
  onClose: () => void;
}) {
  switch (selection.found) {
    case 'nothing':
      return null;
    case 'row':
      return (
        <TunnelPanel
          row={selection.row}
          port={selection.port}
          placeOfPort={(port) => placeOf(selection.row, port)}
          onClose={onClose}
        />
      );
    case 'no-appliance':
      return (
        <MissingPanel title="No such appliance" onClose={onClose}>
          There is no appliance called {selection.named.applianceName}.
        </MissingPanel>
      );
    case 'no-tenant':
      return (
        <MissingPanel title="No such tenant" onClose={onClose}>
          {selection.named.applianceName} lists no tenant called {selection.named.clientId}. It may have been
          removed, or may not have been seen yet.
        </MissingPanel>
      );
    case 'no-port':
      return (
        <MissingPanel title="No such tunnel" onClose={onClose}>
          <PlaceLink to={placeOf(selection.tenant, null)}>{selection.named.clientId}</PlaceLink> has no tunnel
          on port {selection.named.port} at the moment.
        </MissingPanel>
      );
  }
}
