import { type ComponentType, useEffect, useState } from 'react';
import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import type { TripStep } from '../../../../src-shared/model/licence/tripSteps.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { places } from '../../../state/places.ts';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import { HeadSkeleton, Loaded } from '../../../ui/feedback/Loaded.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { Page, PageHead } from '../../../ui/layout/Page.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useTitle } from '../../../ui/layout/useTitle.ts';
import { saveText } from '../../../ui/text/saveText.ts';
import { describeLicence } from '../../fleet/labels.ts';
import { useMay } from '../../system/queries.ts';
import { formatUtcMinute } from '../labels.ts';
import { type TripActions, useTrip, useTripActions } from '../queries.ts';
import { AnswerStep } from './AnswerStep.tsx';
import { ApplyStep } from './ApplyStep.tsx';
import { leaveCamera } from './camera.ts';
import { CarryStep } from './CarryStep.tsx';
import { ReceiptStep } from './ReceiptStep.tsx';
import type { StepProps } from './stepProps.ts';
import { TripSteps } from './TripSteps.tsx';
import { VerifyStep } from './VerifyStep.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';

const stepParts: Record<TripStep, ComponentType<StepProps>> = {
  request: CarryStep,
  carry: CarryStep,
  answer: AnswerStep,
  verify: VerifyStep,
  dryRun: VerifyStep,
  apply: ApplyStep,
  receipt: ReceiptStep,
};

/** An offline renewal as a numbered journey. Its state is in the console, so it survives a reload. */
export function TripPage({ tripId }: { tripId: string }) {
  useTitle('Renew offline');
  const trip = useTrip(tripId);
  useEffect(() => leaveCamera, []);
  return (
    <Page>
      <Loaded query={trip} skeleton={<HeadSkeleton title="Renew offline" />}>
        {({ view }) => <KnownTrip view={view} />}
      </Loaded>
    </Page>
  );
}

const endNotes = {
  done: 'This renewal is done.',
  cancelled: 'This renewal was cancelled. Its answer is no longer accepted here.',
  void: 'This renewal is void, because a newer request was made for this appliance.',
} as const;

function KnownTrip({ view }: { view: TripView }) {
  const now = useNow();
  const actions = useTripActions();
  const [{ step: chosen }, changeView] = useViewState(views.licenceTrip);
  const { trip } = view;
  const shown = chosen === '' ? view.step : chosen;
  const mayAct = useMay('operator');
  const isOpen = trip.ended === null && mayAct;
  const Step = stepParts[shown];
  const onShow = (step: TripStep): void =>
    changeView({ step: step === view.step ? '' : step }, { push: true });
  const saveTrip = (): void =>
    actions.exportTrip.mutate(
      { tripId: trip.id },
      { onSuccess: ({ fileName, text }) => saveText({ name: fileName, type: 'application/json', text }) },
    );
  return (
    <>
      <PageHead
        title="Renew offline"
        sub={
          <>
            <PlaceLink to={places.appliance(trip.applianceName)} className={styles.linkInText}>
              {trip.applianceName}
            </PlaceLink>{' '}
            · trip {view.name}
          </>
        }
      >
        <ExpiryChip view={view} now={now} />
        <div className={`${layout.row} ${layout.pageActions}`}>
          {trip.ended === null && mayAct && trip.applied === null ? (
            <CancelTrip view={view} actions={actions} />
          ) : null}
          <Button onClick={saveTrip}>Save trip file…</Button>
        </div>
      </PageHead>
      {trip.ended === null ? null : (
        <p className={styles.ended} data-how={trip.ended.how}>
          {endNotes[trip.ended.how]} <PlaceLink to={places.licences()}>Back to the licences</PlaceLink>
        </p>
      )}
      {mayAct ? null : (
        <p className={styles.ended}>You may look at this renewal, but only an operator may continue it.</p>
      )}
      <TripSteps view={view} shown={shown} now={now} />
      <PartBoundary part="This step" key={shown}>
        <Step view={view} actions={actions} isOpen={isOpen} saveTrip={saveTrip} onShow={onShow} />
      </PartBoundary>
    </>
  );
}

function ExpiryChip({ view, now }: { view: TripView; now: number }) {
  const { installed, applied } = view.trip;
  const after = view.changes.find(({ id }) => id === 'expiry')?.after;
  if (applied !== null && after !== undefined)
    return (
      <span className={feedback.chip} data-tone="ok">
        valid until {after.replace(/:00 UTC$/u, ' UTC')}
      </span>
    );
  const { tone, text } = describeLicence(installed, now);
  if (installed.expiresAt === null)
    return (
      <span className={feedback.chip} data-tone={tone}>
        {text}
      </span>
    );
  return (
    <span className={feedback.chip} data-tone={tone === 'ok' ? undefined : tone}>
      {installed.state === 'expired' ? 'expired' : 'expires'} {formatUtcMinute(installed.expiresAt)}
      {installed.state === 'valid' ? ` · ${text} left` : ''}
    </span>
  );
}

function CancelTrip({ view, actions }: { view: TripView; actions: TripActions }) {
  const [isAsking, setIsAsking] = useState(false);
  const { cancelTrip } = actions;
  return (
    <>
      <Button kind="quiet" onClick={() => setIsAsking(true)}>
        Cancel trip…
      </Button>
      <Dialog
        opened={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Cancel trip ${view.name}?`}
        size={440}
      >
        <div className={layout.stack}>
          <p>
            Its answer can’t be applied from this page any more. Nothing changes on {view.trip.applianceName};
            you can make a new request at any time.
          </p>
          {cancelTrip.error === null ? null : <ErrorNotice error={toErrorData(cancelTrip.error)} />}
          <div className={`${layout.row} ${styles.dialogEnd}`}>
            <Button onClick={() => setIsAsking(false)}>Keep it</Button>
            <Button
              kind="danger"
              busy={cancelTrip.isPending}
              onClick={() =>
                cancelTrip.mutate({ tripId: view.trip.id }, { onSuccess: () => setIsAsking(false) })
              }
            >
              Cancel trip
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
