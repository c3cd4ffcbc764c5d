import { toErrorData } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

/** Buttons to save and to discard changes, and the result of the last save. */
export function SaveBar({
  isChanged,
  isSaving,
  isSaved,
  error,
  onReset,
}: {
  isChanged: boolean;
  isSaving: boolean;
  isSaved: boolean;
  error: unknown;
  onReset: () => void;
}) {
  return (
    <>
      {error === null ? null : <ErrorNotice error={toErrorData(error)} />}
      <div className={layout.row}>
        <output className={`${text.sub} ${layout.grow}`}>
          {isSaved && !isChanged ? 'Saved.' : isChanged ? 'Unsaved changes.' : null}
        </output>
        <Button onClick={onReset} disabled={!isChanged}>
          Discard changes
        </Button>
        <Button kind="primary" submit busy={isSaving} disabled={!isChanged}>
          Save
        </Button>
      </div>
    </>
  );
}
