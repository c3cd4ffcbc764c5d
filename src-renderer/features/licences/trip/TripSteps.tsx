import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import { tripSteps, type TripStep } from '../../../../src-shared/model/licence/tripSteps.ts';
import { places } from '../../../state/places.ts';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { describeStep, stepOrder } from './tripLabels.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';

/** These steps share a page with the step before, so they are shown together. */
const sharesPage: Partial<Record<TripStep, TripStep>> = { carry: 'request', dryRun: 'verify' };
const pageOf = (step: TripStep): TripStep => sharesPage[step] ?? step;

/**
 * The numbered steps of a renewal. The steps that were reached are links to what they show; none of them starts anything.
 */
export function TripSteps({ view, shown, now }: { view: TripView; shown: TripStep; now: number }) {
  const { entryId, trip } = view;
  const carryDay =
    useAppliances()
      .find(({ entry }) => entry.id === entryId)
      ?.schedule.dates.find(({ step }) => step === 'carry')?.day ?? null;
  const reached = stepOrder.indexOf(view.step);
  const marked = pageOf(shown) === pageOf(view.step) ? view.step : shown;
  const hasEnded = view.trip.ended?.how === 'done';
  return (
    <ol className={styles.steps} aria-label="Steps of this renewal">
      {stepOrder.map((step, index) => {
        const isDone = index < reached || hasEnded;
        const state = step === view.step && !hasEnded ? 'now' : isDone ? 'done' : 'later';
        const isShown = step === marked;
        const content = (
          <>
            <b>
              <i className={styles.number}>{isDone ? '✓' : index + 1}</i>
              {tripSteps[step].label}
              <span className={layout.srOnly}>{isDone ? ', done' : ''}</span>
            </b>
            <small>{describeStep(view, step, { now, carryDay })}</small>
          </>
        );
        return (
          <li key={step} data-state={state} data-shown={isShown} aria-current={isShown ? 'step' : undefined}>
            {index > reached || pageOf(step) === pageOf(shown) ? (
              <div className={styles.step}>{content}</div>
            ) : (
              <PlaceLink
                className={styles.step}
                to={places.licenceTrip(trip.id, { step: step === view.step ? '' : step })}
              >
                <span className={layout.srOnly}>Show step: </span>
                {content}
              </PlaceLink>
            )}
          </li>
        );
      })}
    </ol>
  );
}
