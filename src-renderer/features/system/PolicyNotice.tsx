import type { PolicyNotice as Notice } from '../../../src-shared/model/policy/policy.ts';
import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { places } from '../../state/places.ts';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import feedback from '../../ui/feedback/feedback.module.css';
import layout from '../../ui/layout/layout.module.css';

/** Says on every page that the managed policy file needs an administrator, and what follows from that. */
export function PolicyNotice({ severity, message }: Notice) {
  return (
    <div className={feedback.notice} role="alert" data-tone={severity}>
      <span className={layout.grow}>{visibleLine(message)}</span>
      <PlaceLink to={places.settings()}>Show the policy</PlaceLink>
    </div>
  );
}
