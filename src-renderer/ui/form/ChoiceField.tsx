import { Radio } from '@mantine/core';
import form from './form.module.css';

/** A choice of a few options, each with a description. Arrow keys move between them. */
export function ChoiceField<Value extends string>(props: {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: string; description?: string }[];
}) {
  return (
    <Radio.Group
      label={props.label}
      value={props.value}
      onChange={(chosen) => {
        const option = props.options.find(({ value }) => value === chosen);
        if (option !== undefined) props.onChange(option.value);
      }}
      classNames={{ label: form.kitLabel }}
    >
      <div className={form.choices}>
        {props.options.map((option) => (
          <Radio
            key={option.value}
            size="xs"
            color="var(--acc)"
            value={option.value}
            label={option.label}
            description={option.description}
          />
        ))}
      </div>
    </Radio.Group>
  );
}
