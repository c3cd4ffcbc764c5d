import { useMemo, useState } from 'react';
import { useMediaQuery } from '../../ui/useMediaQuery.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { useNavigateTo } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { setView, type TenantFilter, useViewState } from '../../state/viewState.ts';
import { Card, PageHead } from '../../ui/Card.tsx';
import { ExportMenu } from '../../ui/ExportMenu.tsx';
import { FilterChip, FilterField } from '../../ui/FilterChip.tsx';
import { PartBoundary } from '../../ui/PartBoundary.tsx';
import { PlaceLink } from '../../ui/Place.tsx';
import { EmptyState, ErrorNotice, Skeleton } from '../../ui/States.tsx';
import { useTitle } from '../../ui/useTitle.ts';
import { useApplianceByName } from '../fleet/queries.ts';
import { tunnelColumns } from './components/tunnelColumns.tsx';
import { TunnelDetail } from './components/TunnelDetail.tsx';
import { TunnelTable } from './components/TunnelTable.tsx';
import { useTenants } from './queries.ts';
import { countRows, filterRows, toRows, type TunnelRow } from './rows.ts';
import './tenants.css';

type Place = { applianceName: string | null; clientId: string | null; port: number | null };

/** All tunnels of all appliances, or of one; an address may name the tenant and port to look at. */
export function TenantsPage(place: Place) {
  const { applianceName } = place;
  useTitle(['Tenants & ports', applianceName, place.clientId].filter((part) => part !== null).join(' · '));
  const appliance = useApplianceByName(applianceName ?? '');
  if (applianceName === null) return <LoadedTenants place={place} applianceId={null} />;
  if (appliance.isPending) {
    return (
      <div className="page">
        <PageHead title="Tenants & ports" sub={applianceName} />
        <Card>
          <Skeleton lines={8} />
        </Card>
      </div>
    );
  }
  if (appliance.data === undefined) {
    return (
      <div className="page">
        <PageHead title="Tenants & ports" sub={applianceName} />
        <ErrorNotice error={toErrorData(appliance.error)} onRetry={() => void appliance.refetch()} />
      </div>
    );
  }
  if (appliance.data === null) {
    return (
      <div className="page">
        <EmptyState
          title="No such appliance"
          action={<PlaceLink to={places.fleet()}>Go to the fleet</PlaceLink>}
        >
          There is no appliance called {applianceName} here.
        </EmptyState>
      </div>
    );
  }
  return <LoadedTenants place={place} applianceId={appliance.data.entry.id} />;
}

function LoadedTenants({ place, applianceId }: { place: Place; applianceId: string | null }) {
  const tenants = useTenants({ applianceId });
  const rows = useMemo(() => toRows(tenants.data?.tenants ?? []), [tenants.data]);
  return (
    <div className="page fill">
      {tenants.isPending ? (
        <>
          <PageHead title="Tenants & ports" sub={place.applianceName ?? 'all appliances'} />
          <Card>
            <Skeleton lines={8} />
          </Card>
        </>
      ) : tenants.data === undefined ? (
        <ErrorNotice error={toErrorData(tenants.error)} onRetry={() => void tenants.refetch()} />
      ) : (
        <KnownTenants place={place} rows={rows} />
      )}
    </div>
  );
}

/** An export names everything, whatever the width of the window leaves in the table. */
const exportedColumns = tunnelColumns({ withAppliance: true, narrow: false });

const chips: { filter: TenantFilter; text: string }[] = [
  { filter: 'all', text: 'all tunnels' },
  { filter: 'attention', text: 'needs attention' },
  { filter: 'suspended', text: 'suspended' },
];

/** The row that an address names: the port, else the tenant's worst tunnel. */
function rowAt(rows: readonly TunnelRow[], place: Place): string | null {
  const own = rows.filter((row) => row.view.tenant.clientId === place.clientId);
  const named = own.find((row) => row.tunnel.port === place.port && place.port !== null);
  const worst = own.find((row) => row.tunnel.tone === 'bad') ?? own.find((row) => row.tunnel.tone === 'warn');
  const row = named ?? worst ?? own[0];
  return row?.key ?? null;
}

/** On an appliance's page the address says what is selected, so that it can be sent to somebody; elsewhere nothing does. */
function useSelection(place: Place, rows: readonly TunnelRow[]) {
  const navigateTo = useNavigateTo();
  const { applianceName, clientId } = place;
  const [held, setHeld] = useState<string | null>(null);
  const select = (key: string | null): void => {
    if (applianceName === null) {
      setHeld(key);
      return;
    }
    const row = rows.find((one) => one.key === key);
    const to =
      row === undefined
        ? places.applianceTenants(applianceName)
        : places.tenant(applianceName, row.view.tenant.clientId, row.tunnel.port);
    navigateTo(to, { replace: true });
  };
  const selected = applianceName === null ? held : clientId === null ? null : rowAt(rows, place);
  return [selected, select] as const;
}

function KnownTenants({ place, rows }: { place: Place; rows: readonly TunnelRow[] }) {
  const { applianceName } = place;
  const filter = useViewState((state) => state.tenantFilter);
  const text = useViewState((state) => state.tenantText);
  const [selected, select] = useSelection(place, rows);
  const isWide = useMediaQuery('(min-width: 1560px)');
  const counts = useMemo(() => countRows(rows), [rows]);
  const shown = useMemo(() => filterRows({ rows, filter, text }), [rows, filter, text]);
  const row = rows.find((one) => one.key === selected) ?? null;
  const narrow = row !== null && !isWide;
  const columns = useMemo(
    () => tunnelColumns({ withAppliance: applianceName === null, narrow }),
    [applianceName, narrow],
  );
  const tenantCount = new Set(rows.map((one) => `${one.view.applianceId}/${one.view.tenant.clientId}`)).size;
  return (
    <>
      <PageHead
        title="Tenants & ports"
        sub={
          applianceName === null ? (
            `${tenantCount} tenants on all appliances`
          ) : (
            <PlaceLink to={places.appliance(applianceName)}>{applianceName}</PlaceLink>
          )
        }
      >
        {chips.map((chip) => (
          <FilterChip
            key={chip.filter}
            on={filter === chip.filter}
            onToggle={() => setView({ tenantFilter: chip.filter })}
          >
            {chip.text} {counts[chip.filter]}
          </FilterChip>
        ))}
        <span className="grow" />
        <FilterField value={text} onChange={(tenantText) => setView({ tenantText })} label="Filter tunnels" />
        <ExportMenu name={`tunnels-${applianceName ?? 'all'}`} columns={exportedColumns} rows={shown} />
      </PageHead>
      <div className="tenants-split" data-detail={row !== null}>
        <div className="card tenants-table">
          <PartBoundary part="The table">
            <TunnelTable
              columns={columns}
              rows={shown}
              selected={selected}
              onSelect={select}
              nothing={
                rows.length === 0
                  ? 'No tenant is known yet. Tenants show here as soon as an appliance has answered.'
                  : 'No tunnel fits the chips and the text above.'
              }
            />
          </PartBoundary>
        </div>
        {row === null ? null : (
          <PartBoundary key={row.key} part="The details">
            <TunnelDetail row={row} onClose={() => select(null)} />
          </PartBoundary>
        )}
      </div>
    </>
  );
}
