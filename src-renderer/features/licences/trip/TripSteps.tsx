import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import { tripSteps, type TripStep } from '../../../../src-shared/model/licence/tripSteps.ts';
import { useAppliances } from '../../fleet/queries.ts';
import { describeStep, stepOrder } from './tripLabels.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';

/** The numbered steps of a renewal. Steps that were reached can be looked at again. */
export function TripSteps({
  view,
  shown,
  now,
  onShow,
}: {
  view: TripView;
  shown: TripStep;
  now: number;
  onShow: (step: TripStep) => void;
}) {
  const { entryId } = view;
  const carryDay =
    useAppliances()
      .find(({ entry }) => entry.id === entryId)
      ?.schedule.dates.find(({ step }) => step === 'carry')?.day ?? null;
  const reached = stepOrder.indexOf(view.step);
  const hasEnded = view.trip.ended?.how === 'done';
  return (
    <ol className={styles.steps} aria-label="Steps of this renewal">
      {stepOrder.map((step, index) => {
        const isDone = index < reached || hasEnded;
        const state = step === view.step && !hasEnded ? 'now' : isDone ? 'done' : 'later';
        return (
          <li key={step} data-state={state} data-shown={step === shown}>
            <button
              type="button"
              disabled={index > reached}
              aria-current={step === shown ? 'step' : undefined}
              onClick={() => onShow(step)}
            >
              <b>
                <i className={styles.number}>{isDone ? '✓' : index + 1}</i>
                {tripSteps[step].label}
                <span className={layout.srOnly}>{isDone ? ', done' : ''}</span>
              </b>
              <small>{describeStep(view, step, { now, carryDay })}</small>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
