import { visibleText } from '../../../src-shared/base/machineText.ts';
import { Button } from '../layout/Button.tsx';
import { copyText } from './copy.ts';
import textStyles from './text.module.css';

/** A text such as a command, with a button that copies it. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div className={textStyles.copyLine}>
      <code aria-label={label}>{visibleText(text)}</code>
      <Button small kind="quiet" label={`Copy: ${label}`} onClick={() => copyText(text)}>
        Copy
      </Button>
    </div>
  );
}
