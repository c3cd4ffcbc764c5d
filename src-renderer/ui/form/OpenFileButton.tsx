import { notify } from '../feedback/notify.ts';
import button from '../layout/Button.module.css';
import layout from '../layout/layout.module.css';

/** Reads a text file as UTF-8. Shows a message instead if it is larger than `maxBytes` or unreadable. */
export function readTextFile(
  file: File,
  { maxBytes, tooLarge, onText }: { maxBytes: number; tooLarge: string; onText: (text: string) => void },
): void {
  if (file.size > maxBytes) notify({ title: 'The file is too large', text: tooLarge, tone: 'warn' });
  else file.text().then(onText, () => notify({ title: 'Can’t read the file', tone: 'bad' }));
}

/** A button that lets the user choose a file. */
export function OpenFileButton({
  label,
  onFile,
  small = false,
  text = 'Open…',
}: {
  label: string;
  onFile: (file: File) => void;
  small?: boolean;
  text?: string;
}) {
  return (
    <label className={small ? `${button.btn} ${button.small}` : button.btn}>
      {text}
      <input
        type="file"
        className={layout.srOnly}
        aria-label={label}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file !== undefined) onFile(file);
          // So that the same file can be opened again after it was changed.
          event.currentTarget.value = '';
        }}
      />
    </label>
  );
}
