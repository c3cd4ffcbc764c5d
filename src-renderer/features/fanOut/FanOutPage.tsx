import { useState } from 'react';
import type { PreparedRun } from '../../../src-shared/model/fanOut/fleetRun.ts';
import { useNavigateTo, useViewState } from '../../state/navigate.ts';
import { places } from '../../state/places.ts';
import { HeadSkeleton, Loaded } from '../../ui/feedback/Loaded.tsx';
import { EmptyState } from '../../ui/feedback/States.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useApplianceList } from '../fleet/queries.ts';
import { NewRun } from './components/NewRun.tsx';
import { PlanView } from './components/PlanView.tsx';
import { RunDetails } from './components/RunDetails.tsx';
import { useRun } from './queries.ts';
import { placeOfRun, runView } from './runAddress.ts';

const title = 'Run on many';

/** A new run on many appliances, its plan, or a run that is kept. */
export function FanOutPage() {
  useTitle(title);
  const appliances = useApplianceList();
  return (
    <Page>
      <Loaded
        query={appliances}
        skeleton={<HeadSkeleton title={title} />}
        empty={
          <>
            <PageHead title={title} />
            <EmptyState
              title="No appliances yet"
              action={<PlaceLink to={places.fleet()}>Add an appliance on the fleet page</PlaceLink>}
            >
              This page runs a command or a change on many appliances.
            </EmptyState>
          </>
        }
      >
        {(known) => <KnownFleet appliances={known} />}
      </Loaded>
    </Page>
  );
}

function KnownFleet({ appliances }: Pick<Parameters<typeof NewRun>[0], 'appliances'>) {
  const navigateTo = useNavigateTo();
  const [{ run }] = useViewState(runView);
  const [prepared, setPrepared] = useState<PreparedRun | null>(null);
  if (prepared !== null)
    return (
      <PlanView
        key={prepared.draftId}
        prepared={prepared}
        appliances={appliances}
        onBack={() => setPrepared(null)}
        onStarted={(number) => {
          setPrepared(null);
          navigateTo(placeOfRun(number));
        }}
      />
    );
  const number = /^\d{1,9}$/u.test(run) ? Number(run) : 0;
  return number > 0 ? (
    <KeptRun key={number} number={number} onPrepared={setPrepared} appliances={appliances} />
  ) : (
    <NewRun appliances={appliances} onPrepared={setPrepared} />
  );
}

function KeptRun({
  number,
  ...props
}: { number: number } & Pick<Parameters<typeof RunDetails>[0], 'onPrepared' | 'appliances'>) {
  const run = useRun(number);
  return (
    <Loaded query={run} skeleton={<HeadSkeleton title={title} />}>
      {(view) => <RunDetails run={view} {...props} />}
    </Loaded>
  );
}
