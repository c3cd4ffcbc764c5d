import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { places } from '../../state/places.ts';
import { PlaceLink } from '../../ui/layout/Place.tsx';
import feedback from '../../ui/feedback/feedback.module.css';
import layout from '../../ui/layout/layout.module.css';
import text from '../../ui/text/text.module.css';

/** Says on every page that the managed policy file has errors, and what follows from that. */
export function PolicyNotice({ path }: { path: string }) {
  return (
    <div className={feedback.notice} role="alert" data-tone="bad">
      <span className={layout.grow}>
        The managed policy file <span className={text.mono}>{visibleLine(path)}</span> has errors. The
        connected window is forbidden until they are corrected.
      </span>
      <PlaceLink to={places.settings()}>Show the errors</PlaceLink>
    </div>
  );
}
