import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { useViewState } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { type ViewOf, views } from '../../../state/views.ts';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Split } from '../../../ui/layout/Split.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { summariseFleet } from '../../fleet/summary.ts';
import { AddButtons } from '../changes/index.ts';
import type { countRows } from '../rows.ts';
import button from '../../../ui/layout/Button.module.css';
import card from '../../../ui/layout/Card.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';

const chips: { filter: ViewOf<'tenants'>['show']; text: string }[] = [
  { filter: 'all', text: 'all tunnels' },
  { filter: 'attention', text: 'needs attention' },
  { filter: 'unknown', text: 'unknown' },
  { filter: 'suspended', text: 'suspended' },
  { filter: 'untested', text: 'not tested' },
];

/** How many tenants are known, and on how many appliances if some were never seen. */
function tenantsText(count: number, appliances: readonly ApplianceView[]): string {
  const { neverSeen } = summariseFleet(appliances);
  const tenants = `${count} tenant${count === 1 ? '' : 's'}`;
  if (neverSeen === 0) return `${tenants} on all appliances`;
  return `${tenants} on ${appliances.length - neverSeen} of ${appliances.length} appliances; ${neverSeen} never seen`;
}

/** The heading with the filters and the actions of the page. */
export function TenantsHead({
  applianceName,
  applianceId,
  counts,
  tenantCount,
}: {
  /** The appliance whose tenants are shown; null for all. */
  applianceName: string | null;
  applianceId: string | null;
  counts: ReturnType<typeof countRows>;
  tenantCount: number;
}) {
  const [{ show }, changeView] = useViewState(views.tenants);
  const appliances = useAppliances();
  return (
    <PageHead
      title="Tenants & ports"
      sub={
        applianceName === null ? (
          tenantsText(tenantCount, appliances)
        ) : (
          <PlaceLink to={places.appliance(applianceName)}>{applianceName}</PlaceLink>
        )
      }
    >
      {chips.map((chip) => (
        <FilterChip
          key={chip.filter}
          on={show === chip.filter}
          onToggle={() => changeView({ show: chip.filter }, { push: true })}
        >
          {chip.text} {counts[chip.filter]}
        </FilterChip>
      ))}
      <div className={`${layout.row} ${layout.pageActions}`}>
        <PlaceLink to={places.connectYaml()} className={button.btn}>
          Check connect.yaml
        </PlaceLink>
        <AddButtons applianceId={applianceId} />
      </div>
    </PageHead>
  );
}

/** The heading, and placeholders in the shape of the table and its rows. */
export function TenantsSkeleton({ sub }: { sub: string }) {
  return (
    <>
      <PageHead title="Tenants & ports" sub={sub} />
      <Split hasDetail={false}>
        <div className={`${card.card} ${layout.splitTable}`}>
          <div className={styles.skeletonRows}>
            <Skeleton lines={14} />
          </div>
        </div>
      </Split>
    </>
  );
}
