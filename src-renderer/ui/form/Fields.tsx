import { type RefObject, useEffect, useRef } from 'react';
import { Checkbox, NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core';
import form from './form.module.css';

const classNames = {
  input: form.kitInput,
  label: form.kitLabel,
  description: form.kitDescription,
  error: form.kitError,
};

type FieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  description?: string;
  placeholder?: string;
  disabled?: boolean;
  required?: boolean;
  /** Monospaced and without spell checking, for machine-readable values. */
  machine?: boolean;
  /** The field gets the focus when its dialog opens. */
  hasInitialFocus?: boolean;
};

/** Focuses a field when it appears, even if it replaces another one inside an open dialog. */
function useStart(isStart: boolean): RefObject<HTMLInputElement | null> {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isStart) input.current?.focus();
  }, [isStart]);
  return input;
}

export function TextField(props: FieldProps) {
  return (
    <TextInput
      classNames={{
        ...classNames,
        input: props.machine ? `${form.kitInput} ${form.machineField}` : form.kitInput,
      }}
      label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={props.error}
      description={props.description}
      placeholder={props.placeholder}
      disabled={props.disabled ?? false}
      required={props.required ?? false}
      withAsterisk={false}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      spellCheck={false}
      autoComplete="off"
      autoCapitalize="off"
      ref={useStart(props.hasInitialFocus ?? false)}
      data-autofocus={props.hasInitialFocus === true ? true : undefined}
    />
  );
}

/** Text of several lines. */
export function TextArea(
  props: Omit<FieldProps, 'machine' | 'required' | 'hasInitialFocus'> & { rows: number },
) {
  return (
    <Textarea
      classNames={classNames}
      label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={props.error}
      description={props.description}
      placeholder={props.placeholder}
      disabled={props.disabled ?? false}
      rows={props.rows}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      autoComplete="off"
    />
  );
}

/** The input is hidden unless the user asks to show it, and the browser never stores it. The caller clears it. */
export function SecretField({ label, value, onChange, hasInitialFocus }: Omit<FieldProps, 'machine'>) {
  return (
    <PasswordInput
      classNames={{ ...classNames, innerInput: form.machineField }}
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      data-1p-ignore=""
      ref={useStart(hasInitialFocus ?? false)}
      data-autofocus={hasInitialFocus === true ? true : undefined}
      visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
    />
  );
}

export function SelectField(
  props: Omit<FieldProps, 'machine'> & { options: { value: string; label: string }[] },
) {
  return (
    <NativeSelect
      classNames={classNames}
      label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      data={props.options}
      description={props.description}
      disabled={props.disabled ?? false}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
    />
  );
}

export function CheckField({
  label,
  checked,
  onChange,
  description,
  disabled = false,
}: {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
  description?: string;
}) {
  return (
    <Checkbox
      size="xs"
      color="var(--acc)"
      label={label}
      description={description}
      checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
