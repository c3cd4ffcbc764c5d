import { visibleLine } from '../../src-shared/base/machineText.ts';
import type { ApplianceView } from '../../src-shared/contract/fleet.ts';
import { describeLicence } from '../features/fleet/labels.ts';
import { useFleet } from '../features/fleet/queries.ts';
import { addresses, places } from '../state/places.ts';
import { useFromNow } from '../ui/feedback/now.ts';
import { ToneDot } from '../ui/feedback/Tone.tsx';
import { Icon } from '../ui/layout/Icon.tsx';
import { PlaceLink } from '../ui/layout/Place.tsx';
import { type MenuPage, useMenuPages } from './menuPages.ts';
import styles from './app.module.css';
import text from '../ui/text/text.module.css';

const noGroup = 'Appliances';

function groupAppliances(appliances: readonly ApplianceView[]): [string, ApplianceView[]][] {
  const groups = new Map<string, ApplianceView[]>();
  for (const view of appliances) {
    const name = view.entry.group === '' ? noGroup : view.entry.group;
    groups.set(name, [...(groups.get(name) ?? []), view]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

function isCurrentPlace(pathname: string, place: string): boolean {
  return pathname === place || (place !== '/' && pathname.startsWith(`${place}/`));
}

/**
 * Also on the same page of one appliance: `/appliance/NAME/configuration` is on Configuration. A run on many starts on the
 * fleet and has no link of its own.
 */
function isCurrentPage(pathname: string, place: string): boolean {
  if (pathname === addresses.run) return place === places.fleet();
  return isCurrentPlace(pathname.replace(/^\/appliance\/[^/]+(?=\/)/u, ''), place);
}

function PageLink({ page, pathname }: { page: MenuPage; pathname: string }) {
  const appliances = useFleet().data?.appliances;
  return (
    <PlaceLink to={page.place} className={styles.navItem} current={isCurrentPage(pathname, page.place)}>
      <span className={styles.navIcon}>
        <Icon name={page.icon} />
      </span>
      <span className={styles.navLabel}>{page.title}</span>
      {page.count === undefined || appliances === undefined ? null : <Count shown={page.count(appliances)} />}
    </PlaceLink>
  );
}

/** A text is something that is due. */
function Count({ shown }: { shown: number | string }) {
  return (
    <span className={styles.count} data-due={shown !== '' && typeof shown === 'string'}>
      {' '}
      {shown}
    </span>
  );
}

/** How long the licence of an appliance lasts, from the first work for its renewal until it is renewed. */
function LicenceLeft({ view }: { view: ApplianceView }) {
  const text = useFromNow((now) => describeLicence(view.licence?.value ?? null, now).text);
  return view.schedule.hasBegun ? (
    <em className={styles.licenceLeft}> {text.replace(/^expires in (.*)$/u, '$1 left')}</em>
  ) : null;
}

export function Navigation({ pathname }: { pathname: string }) {
  const pages = useMenuPages();
  const appliances = useFleet().data?.appliances ?? [];
  const links = (end: MenuPage['navigation']) =>
    pages
      .filter((page) => page.navigation === end)
      .map((page) => <PageLink key={page.place} page={page} pathname={pathname} />);
  return (
    <nav className={styles.nav} aria-label="Pages and appliances">
      {links('top')}
      <div className={styles.navGroups}>
        {groupAppliances(appliances).map(([group, members]) => (
          <section key={group} aria-label={visibleLine(group)}>
            <h2>{visibleLine(group)}</h2>
            {members.map((view) => {
              const place = places.appliance(view.entry.name);
              return (
                <PlaceLink
                  key={view.entry.id}
                  to={place}
                  className={styles.navAppliance}
                  current={isCurrentPlace(pathname, place)}
                >
                  <ToneDot tone={view.health.tone} observedAt={view.observedAt} label={view.entry.name} />
                  <span className={text.clip}>{view.entry.name}</span>
                  <LicenceLeft view={view} />
                </PlaceLink>
              );
            })}
          </section>
        ))}
      </div>
      {links('bottom')}
    </nav>
  );
}
