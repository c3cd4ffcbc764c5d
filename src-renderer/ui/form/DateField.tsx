import { TextInput } from '@mantine/core';
import form from './form.module.css';

/** A day such as `2026-11-30`, chosen with the browser's own calendar. */
export function DateField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  min: string;
  max: string;
  description?: string;
}) {
  return (
    <TextInput
      classNames={{ input: form.kitInput, label: form.kitLabel, description: form.kitDescription }}
      type="date"
      label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      min={props.min}
      max={props.max}
      description={props.description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      required
      withAsterisk={false}
      data-autofocus
    />
  );
}
