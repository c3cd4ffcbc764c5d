import { useMemo, useState } from 'react';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { hasTag, removeDuplicateTags } from '../../../src-shared/model/appliance/tags.ts';
import { useNavigateTo, useViewState } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { type ViewOf, views } from '../../state/views.ts';
import { openApplianceDialog } from '../../state/viewState.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { DataTable } from '../../ui/table/DataTable.tsx';
import { ExportMenu } from '../../ui/table/ExportMenu.tsx';
import { CompactSelect } from '../../ui/form/CompactSelect.tsx';
import { FilterChip, FilterField } from '../../ui/layout/FilterChip.tsx';
import { useReachable } from '../../ui/feedback/freshness.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { FleetCapacity, maxOpenCapacities } from './components/FleetCapacity.tsx';
import { fleetColumns } from './components/fleetColumns.tsx';
import { FirstSteps, FirstStart } from './components/FirstStart.tsx';
import { FleetKpis } from './components/FleetKpis.tsx';
import { listMarks } from './components/ApplianceMarks.tsx';
import { FleetProblems } from './components/FleetProblems.tsx';
import { sshCommandOf } from '../../../src-shared/model/appliance/sshCommand.ts';
import { copyText } from '../../ui/text/copy.ts';
import { useMay } from '../system/queries.ts';
import { entryActions, useSetLock } from './mutations.ts';
import { useApplianceList } from './queries.ts';
import card from '../../ui/layout/Card.module.css';
import styles from './fleet.module.css';
import layout from '../../ui/layout/layout.module.css';

function matches(view: ApplianceView, text: string): boolean {
  const { name, group, description, target } = view.entry;
  const marks = listMarks(view.entry).join(' ');
  const haystack = `${name} ${group} ${description} ${marks} ${target.host} ${view.status?.value.versions.appliance ?? ''}`;
  return haystack.toLowerCase().includes(text.toLowerCase());
}

const belongs: Record<ViewOf<'fleet'>['show'], (view: ApplianceView) => boolean> = {
  all: () => true,
  attention: ({ health }) => health.problems.length > 0,
  away: ({ link }) => link.state !== 'connected',
};

const chips: { show: ViewOf<'fleet'>['show']; text: string }[] = [
  { show: 'all', text: 'all' },
  { show: 'attention', text: 'needs attention' },
  { show: 'away', text: 'away' },
];

function AddAppliance() {
  if (!useMay('admin')) return null;
  return (
    <>
      <Button onClick={() => openApplianceDialog({ kind: 'import' })}>Import…</Button>
      <Button kind="primary" onClick={() => openApplianceDialog()}>
        Add appliance
      </Button>
    </>
  );
}

/** All appliances in one table: links, licences and problems. */
export function FleetPage() {
  useTitle('Fleet');
  const fleet = useApplianceList();
  return (
    <Page>
      <Loaded query={fleet} skeleton={<FleetSkeleton />} empty={<FirstStart />}>
        {(appliances) => <KnownFleet appliances={appliances} />}
      </Loaded>
    </Page>
  );
}

/** Placeholders for figures, table and list. */
function FleetSkeleton() {
  return (
    <>
      <PageHead title="Fleet" />
      <div className={card.kpis}>
        {Array.from({ length: 5 }, (_, index) => (
          <Card key={index}>
            <Skeleton lines={2} />
          </Card>
        ))}
      </div>
      <Card>
        <Skeleton lines={6} />
      </Card>
      <Card>
        <Skeleton lines={4} />
      </Card>
    </>
  );
}

function KnownFleet({ appliances }: { appliances: readonly ApplianceView[] }) {
  const navigateTo = useNavigateTo();
  const isAdmin = useMay('admin');
  const { mutate: setLock } = useSetLock();
  const [{ q, show, tag, sort, appliance }, changeView] = useViewState(views.fleet);
  const shown = useMemo(
    () =>
      appliances.filter(
        (view) => belongs[show](view) && (tag === '' || hasTag(view.entry.tags, tag)) && matches(view, q),
      ),
    [appliances, show, tag, q],
  );
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const reachable = useReachable();
  const connected = appliances.filter((view) => view.link.state === 'connected').length;
  return (
    <>
      <PageHead
        title="Fleet"
        sub={`${appliances.length} appliance${appliances.length === 1 ? '' : 's'}, ${connected} connected${reachable ? '' : ' last seen'}`}
      >
        {chips.map((chip) => (
          <FilterChip
            key={chip.show}
            on={show === chip.show}
            onToggle={() => changeView({ show: chip.show }, { push: true })}
          >
            {chip.text} {appliances.filter(belongs[chip.show]).length}
          </FilterChip>
        ))}
        <TagFilter
          appliances={appliances}
          tag={tag}
          onChange={(next) => changeView({ tag: next }, { push: true })}
        />
        <span className={layout.grow} />
        <FilterField value={q} onChange={(text) => changeView({ q: text })} label="Filter appliances" />
        <ExportMenu name="fleet" columns={fleetColumns} rows={shown} />
        {ticked.size > 0 ? (
          <Button onClick={() => navigateTo(places.run([...ticked].join()))}>Run on {ticked.size}…</Button>
        ) : null}
        <AddAppliance />
      </PageHead>
      <FleetKpis appliances={appliances} />
      <PartBoundary part="What needs attention">
        <FleetProblems appliances={shown} />
      </PartBoundary>
      <div className={`${card.card} ${styles.fleetTable}`}>
        <DataTable
          label="Appliances"
          columns={fleetColumns}
          rows={shown}
          rowKey={applianceName}
          rowLabel={applianceName}
          selectedKey={appliance}
          onSelect={(name) => changeView({ appliance: name ?? '' })}
          sort={sort}
          onSort={(next) => changeView({ sort: next })}
          onOpen={(view) => navigateTo(places.appliance(view.entry.name))}
          empty="No matching appliances."
          openText="Open the appliance"
          placeOf={(view) => places.appliance(view.entry.name)}
          rowActions={({ entry }) => [
            { text: `Open ${entry.name}`, run: () => navigateTo(places.appliance(entry.name)) },
            {
              text: `Tenants of ${entry.name}`,
              run: () => navigateTo(places.applianceTenants(entry.name)),
            },
            { text: `Syslog of ${entry.name}`, run: () => navigateTo(places.applianceSyslog(entry.name)) },
            {
              text: 'Copy ssh command',
              run: () => copyText(sshCommandOf(entry), `ssh command for ${entry.name} copied`),
            },
            ...(isAdmin ? entryActions(entry, setLock) : []),
          ]}
          ticks={{ keys: ticked, onChange: setTicked }}
          opensOnClick
          fit
        />
      </div>
      <FirstSteps appliances={appliances} />
      <PartBoundary part="The port capacity">
        <FleetCapacity key={String(shown.length > maxOpenCapacities)} appliances={shown} />
      </PartBoundary>
    </>
  );
}

/** Shows only the appliances with one tag; nothing while no appliance has a tag. */
function TagFilter(props: {
  appliances: readonly ApplianceView[];
  tag: string;
  onChange: (tag: string) => void;
}) {
  const tags = removeDuplicateTags(props.appliances.flatMap(({ entry }) => entry.tags));
  const known = tags.find((tag) => hasTag([tag], props.tag)) ?? props.tag;
  if (tags.length === 0 && known === '') return null;
  const values = tags.includes(known) || known === '' ? tags : [...tags, known];
  return (
    <CompactSelect
      label="Filter by tag"
      value={known}
      options={[
        { value: '', text: 'all tags' },
        ...values.sort((a, b) => a.localeCompare(b)).map((tag) => ({ value: tag, text: `tag: ${tag}` })),
      ]}
      onChange={props.onChange}
    />
  );
}

function applianceName(view: ApplianceView): string {
  return view.entry.name;
}
