import { useHotkeys } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { createEmitter } from '../../../src-shared/base/emitter.ts';
import textStyles from '../text/text.module.css';

type Action = { text: string; run: () => void };

const offers = createEmitter<[Action]>();

/** The button of a pop-up. Ctrl+Z also runs it, because the pop-up is the last stop of the Tab key. */
function Offer({ text, run }: Action) {
  useHotkeys([['mod+Z', run]]);
  return (
    <button
      type="button"
      className={textStyles.linkButton}
      aria-keyshortcuts="Control+Z Meta+Z"
      title={`${text} (Ctrl+Z)`}
      onClick={run}
    >
      {text}
    </button>
  );
}

/** Offers an action until a later pop-up offers one: the earlier pop-up fades out for a moment without its button. */
export function ToastAction({ action }: { action: Action }) {
  const [isOffered, setOffered] = useState(true);
  useEffect(() => {
    offers.emit(action);
    return offers.on((latest) => setOffered(latest === action));
  }, [action]);
  return isOffered ? <Offer {...action} /> : null;
}
