import { Button } from '../../../ui/layout/Button.tsx';
import type { KeptChoice } from './useKeptChoice.ts';
import { copyChosen } from './useKeptKeys.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './kept.module.css';

/** What can be done with the chosen lines; without any, the keys that matter here. */
export function ChoiceBar({ choice }: { choice: KeptChoice }) {
  const { length } = choice.lines;
  if (length === 0)
    return (
      <span className={`${feedback.age} ${styles.keys}`}>
        / query · ↑ ↓ select · Enter context · n p errors · Space pause · End follow · b bookmark · r repeats
        · w wrap · Ctrl+C copy
      </span>
    );
  return (
    <div className={layout.row}>
      <span className={feedback.age}>{length} selected</span>
      <Button small onClick={() => copyChosen(choice)}>
        Copy {length === 1 ? 'line' : 'lines'}
      </Button>
      <Button small kind="quiet" onClick={choice.clear}>
        Clear
      </Button>
    </div>
  );
}
