import { useMemo } from 'react';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import { useNavigateTo } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { HeadSkeleton, Loaded } from '../../ui/feedback/Loaded.tsx';
import { EmptyState, ErrorNotice } from '../../ui/feedback/States.tsx';
import { ToneDot } from '../../ui/feedback/Tone.tsx';
import { CompactSelect } from '../../ui/form/CompactSelect.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { PlainList } from '../../ui/layout/Lists.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { ApplianceMarks } from '../fleet/components/ApplianceMarks.tsx';
import { NoSuchAppliance } from '../fleet/components/NoSuchAppliance.tsx';
import { useApplianceList } from '../fleet/queries.ts';
import { useHeldAppliance } from '../fleet/useHeldAppliance.ts';
import { ConfigurationView } from './components/ConfigurationView.tsx';
import { useDrafts } from './draft.ts';
import { useConfiguration } from './queries.ts';
import layout from '../../ui/layout/layout.module.css';
import text from '../../ui/text/text.module.css';

/** The configuration of one appliance, or the list of appliances to choose one. */
export function ConfigurationPage({ applianceName }: { applianceName: string | null }) {
  useTitle(applianceName === null ? 'Configuration' : `Configuration · ${applianceName}`);
  useHeldAppliance(applianceName);
  const appliances = useApplianceList();
  return (
    <Page>
      <Loaded
        query={appliances}
        skeleton={<HeadSkeleton title="Configuration" />}
        empty={
          <>
            <PageHead title="Configuration" />
            <EmptyState
              title="No appliances yet"
              action={<PlaceLink to={places.fleet()}>Add an appliance on the fleet page</PlaceLink>}
            >
              This page shows and changes the configuration of an appliance.
            </EmptyState>
          </>
        }
      >
        {(known) => {
          if (applianceName === null) return <ApplianceChoice appliances={known} />;
          const view = known.find(({ entry }) => entry.name === applianceName);
          return view === undefined ? (
            <NoSuchAppliance name={applianceName} />
          ) : (
            <ApplianceConfiguration view={view} names={known.map(({ entry }) => entry.name)} />
          );
        }}
      </Loaded>
    </Page>
  );
}

function ApplianceChoice({ appliances }: { appliances: readonly ApplianceView[] }) {
  const drafts = useDrafts();
  return (
    <>
      <PageHead title="Configuration" sub="Choose an appliance" />
      <Card title="Appliances">
        <PlainList label="Appliances">
          {appliances.map(({ entry, health, observedAt }) => (
            <li key={entry.id} className={layout.row}>
              <ToneDot tone={health.tone} observedAt={observedAt} label={entry.name} />
              <PlaceLink to={places.applianceConfiguration(entry.name)}>{entry.name}</PlaceLink>
              <ApplianceMarks entry={entry} />
              {drafts[entry.id] === undefined ? null : <span className={text.sub}>has a draft</span>}
            </li>
          ))}
        </PlainList>
      </Card>
    </>
  );
}

/** Errors that another try does not mend, with the next action. */
const finalErrors = {
  COMMAND_MISSING: {
    title: 'The appliance’s kit is too old',
    text: (name: string) =>
      `The kit on ${name} has no command ke_update_configuration. Install the current kit, then read again.`,
  },
  NOT_FOUND: {
    title: 'No configuration file',
    text: (name: string) =>
      `${name} has no configuration file yet. Create it on the appliance, then read again.`,
  },
} as const;

function ApplianceConfiguration({ view, names }: { view: ApplianceView; names: readonly string[] }) {
  const navigateTo = useNavigateTo();
  const configuration = useConfiguration(view.entry.id);
  const { name } = view.entry;
  const chooser = useMemo(
    () => (
      <CompactSelect
        label="Appliance"
        value={name}
        options={names.map((value) => ({ value, text: value }))}
        onChange={(next) => navigateTo(places.applianceConfiguration(next))}
      />
    ),
    [name, names, navigateTo],
  );
  const readAgain = () => void configuration.refetch();
  if (configuration.data !== undefined)
    return (
      <ConfigurationView
        view={view}
        chooser={chooser}
        present={configuration.data}
        readError={configuration.error === null ? null : toErrorData(configuration.error)}
        isReading={configuration.isFetching}
        readAgain={readAgain}
      />
    );
  if (configuration.isPending) return <HeadSkeleton title="Configuration" sub={name} />;
  const error = toErrorData(configuration.error);
  const final =
    error.code === 'COMMAND_MISSING' || error.code === 'NOT_FOUND' ? finalErrors[error.code] : null;
  return (
    <>
      <PageHead title="Configuration" sub={name}>
        <ApplianceMarks entry={view.entry} />
        <div className={`${layout.row} ${layout.pageActions}`}>{chooser}</div>
      </PageHead>
      {final === null ? (
        <ErrorNotice error={error} onRetry={readAgain} />
      ) : (
        <Card>
          <EmptyState
            title={final.title}
            action={
              <Button busy={configuration.isFetching} onClick={readAgain}>
                Read again
              </Button>
            }
          >
            {final.text(name)}
          </EmptyState>
        </Card>
      )}
    </>
  );
}
