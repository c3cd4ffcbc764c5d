import { useId } from 'react';
import form from './form.module.css';
import text from '../text/text.module.css';

/** A whole number with its unit, short enough for use within a sentence. The caller validates the text. */
export function NumberField({
  label,
  value,
  onChange,
  unit,
  disabled,
  error,
}: {
  /** For screen readers; sighted users read the surrounding sentence. */
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
