import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import { useFleet } from '../features/fleet/queries.ts';
import { countTenants } from '../features/fleet/summary.ts';
import { places } from '../state/places.ts';
import { PlaceLink } from '../ui/layout/Place.tsx';
import { ToneDot } from '../ui/feedback/Tone.tsx';

const noGroup = 'Appliances';

function groupAppliances(appliances: readonly ApplianceView[]): [string, ApplianceView[]][] {
  const groups = new Map<string, ApplianceView[]>();
  for (const view of appliances) {
    const name = view.entry.group === '' ? noGroup : view.entry.group;
    groups.set(name, [...(groups.get(name) ?? []), view]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

export function Navigation({ pathname }: { pathname: string }) {
  const fleet = useFleet();
  const appliances = fleet.data?.appliances ?? [];
  const tenants = countTenants(appliances);
  const items = [
    { place: places.fleet(), label: 'Fleet', count: fleet.data === undefined ? null : appliances.length },
    { place: places.tenants(), label: 'Tenants & ports', count: fleet.data === undefined ? null : tenants },
    { place: places.syslog(), label: 'Syslog', count: null },
    { place: places.audit(), label: 'Audit', count: null },
  ];
  return (
    <nav className="nav" aria-label="Pages and appliances">
      {items.map((item) => (
        <PlaceLink
          key={item.place}
          to={item.place}
          className="nav-item"
          current={pathname === item.place || (item.place !== '/' && pathname.startsWith(`${item.place}/`))}
        >
          {item.label} {item.count === null ? null : <span className="count">{item.count}</span>}
        </PlaceLink>
      ))}
      <div className="nav-groups">
        {groupAppliances(appliances).map(([group, members]) => (
          <section key={group} aria-label={group}>
            <h2>{group}</h2>
            {members.map((view) => {
              const place = places.appliance(view.entry.name);
              return (
                <PlaceLink
                  key={view.entry.id}
                  to={place}
                  className="nav-appliance"
                  current={pathname === place || pathname.startsWith(`${place}/`)}
                >
                  <ToneDot tone={view.health.tone} observedAt={view.observedAt} label={view.entry.name} />
                  <span className="clip">{view.entry.name}</span>
                </PlaceLink>
              );
            })}
          </section>
        ))}
      </div>
      <PlaceLink to={places.settings()} className="nav-item" current={pathname === places.settings()}>
        Settings
      </PlaceLink>
    </nav>
  );
}
