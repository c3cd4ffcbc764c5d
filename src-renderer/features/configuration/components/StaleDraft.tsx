import type { ConfigurationChange } from '../../../../src-shared/model/configuration/configurationChanges.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const maxNamed = 5;

/** Says that the appliance's file changed after the draft was begun, and what keeping the draft means. */
export function StaleDraft({
  applianceName,
  changes,
  onKeep,
  onDiscard,
}: {
  applianceName: string;
  /** What changed on the appliance. Empty if only secrets, comments or the layout changed. */
  changes: readonly ConfigurationChange[];
  onKeep: () => void;
  onDiscard: () => void;
}) {
  const named = changes.slice(0, maxNamed).map(({ path }) => visibleLine(path));
  const more = changes.length - named.length;
  return (
    <div className={feedback.notice} role="alert" data-tone="warn">
      <span className={layout.grow}>
        The configuration on {applianceName} changed after this draft was begun:{' '}
        {named.length === 0 ? (
          'only secrets, comments or the layout.'
        ) : (
          <>
            <span className={text.mono}>{named.join(', ')}</span>
            {more > 0 ? ` and ${more} more.` : '.'}
          </>
        )}{' '}
        Keep the draft to compare it with the new configuration. Applying it also undoes those changes, unless
        you enter them in the draft.
      </span>
      <Button small kind="primary" onClick={onKeep}>
        Keep the draft
      </Button>
      <Button small onClick={onDiscard}>
        Discard the draft
      </Button>
    </div>
  );
}
