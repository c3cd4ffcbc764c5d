import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import type { TripStep } from '../../../../src-shared/model/licence/tripSteps.ts';
import type { TripActions } from '../queries.ts';

export type StepProps = {
  view: TripView;
  actions: TripActions;
  /** Whether the renewal goes on; otherwise the step is only shown. */
  isOpen: boolean;
  saveTrip: () => void;
  onShow: (step: TripStep) => void;
};
