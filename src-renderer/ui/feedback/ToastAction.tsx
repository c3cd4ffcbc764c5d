import { useHotkeys } from '@mantine/hooks';
import textStyles from '../text/text.module.css';

/** The button of a pop-up. Ctrl+Z also runs it, because the pop-up is the last stop of the Tab key. */
export function ToastAction({ text, run }: { text: string; run: () => void }) {
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
