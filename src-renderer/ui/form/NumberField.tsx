import { useId } from 'react';
import form from './form.module.css';
import text from '../text/text.module.css';

/** A whole number with its unit, short enough to stand in a sentence. What is typed is the caller's to judge. */
export function NumberField({
  label,
  value,
  onChange,
  unit,
  disabled,
  error,
}: {
  /** Read by a screen reader; the sentence around says it to everybody else. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  unit?: string;
  disabled?: boolean;
  error?: string | undefined;
}) {
  const id = useId();
  return (
    <span className={form.numberField}>
      <input
        className={`${form.numberInput} ${text.mono}`}
        inputMode="numeric"
        aria-label={label}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : id}
        value={value}
        disabled={disabled}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value.trim())}
      />
      {unit === undefined ? null : <span>{unit}</span>}
      {error === undefined ? null : (
        <span id={id} className={form.kitError} role="alert">
          {error}
        </span>
      )}
    </span>
  );
}
