import { safeTitle } from '../text/safeTitle.ts';
import { type ReactNode, useRef } from 'react';
import { useKeys } from '../keyboard/keys.ts';
import feedback from '../feedback/feedback.module.css';
import form from '../form/form.module.css';

/** A filter that is either on or off. */
export function FilterChip({
  on,
  onToggle,
  children,
  title,
}: {
  on: boolean;
  onToggle: () => void;
  children: ReactNode;
  title?: string;
}) {
  return (
    <button
      type="button"
      className={feedback.chip}
      aria-pressed={on}
      onClick={onToggle}
      title={safeTitle(title)}
    >
      {children}
    </button>
  );
}

/** A filter field. `/` focuses it, Esc clears it. */
export function FilterField({
  value,
  onChange,
  label,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
}) {
  const field = useRef<HTMLInputElement>(null);
  useKeys([
    {
      keys: ['/'],
      group: 'Everywhere',
      text: 'Go to the filter',
      run: () => {
        field.current?.focus();
        field.current?.select();
      },
    },
  ]);
  return (
    <input
      ref={field}
      type="search"
      className={form.filter}
      value={value}
      placeholder={`${label}  /`}
      aria-label={label}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        if (value === '') event.currentTarget.blur();
        else onChange('');
      }}
    />
  );
}
