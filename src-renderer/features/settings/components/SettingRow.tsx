import type { SettingFacts } from '../../../../src-shared/base/settingFields.ts';
import { CheckField, TextArea, TextField } from '../../../ui/form/Fields.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import type { FieldForm } from '../forms.ts';
import formStyles from '../../../ui/form/form.module.css';
import styles from '../settings.module.css';
import textStyles from '../../../ui/text/text.module.css';

type FieldProps<Facts> = {
  facts: Facts;
  form: FieldForm;
  problem: string | undefined;
  onChange: (part: Partial<FieldForm>) => void;
};
type Facts<Kind extends SettingFacts['kind']> = Extract<SettingFacts, { kind: Kind }>;

/** One row of a settings form. `children` are the fields that belong to a switch. */
export function SettingRow({
  children,
  ...field
}: FieldProps<SettingFacts> & { children?: React.ReactNode }) {
  const { facts, form, problem, onChange } = field;
  if (facts.kind === 'text')
    return <SettingText facts={facts} form={form} problem={problem} onChange={onChange} />;
  return (
    <div className={styles.rule}>
      {facts.kind === 'number' ? (
        <span className={styles.rulePlain}>{facts.label}</span>
      ) : (
        <CheckField label={facts.label} checked={form.isOn} onChange={(isOn) => onChange({ isOn })} />
      )}
      {facts.kind === 'switch' ? (
        children
      ) : facts.kind === 'hours' ? (
        <HoursField facts={facts} form={form} problem={problem} onChange={onChange} />
      ) : (
        <SettingNumber facts={facts} form={form} problem={problem} onChange={onChange} isOff={!form.isOn} />
      )}
    </div>
  );
}

export function SettingNumber({
  facts,
  form,
  problem,
  onChange,
  isOff,
}: FieldProps<Facts<'limit' | 'number'>> & { isOff: boolean }) {
  return (
    <NumberField
      label={facts.inputLabel}
      value={form.text}
      onChange={(text) => onChange({ text })}
      unit={facts.unit}
      disabled={isOff}
      error={problem}
    />
  );
}

function SettingText({ facts, form, problem, onChange }: FieldProps<Facts<'text'>>) {
  const { label, placeholder, lines } = facts;
  const props = { label, placeholder, value: form.text, error: problem };
  return lines === 1 ? (
    <TextField {...props} onChange={(text) => onChange({ text })} />
  ) : (
    <TextArea {...props} rows={lines} onChange={(text) => onChange({ text })} />
  );
}

function HoursField({ facts, form, problem, onChange }: FieldProps<Facts<'hours'>>) {
  const input = (label: string, value: string, change: (text: string) => Partial<FieldForm>) => (
    <input
      maxLength={5}
      placeholder="22:00"
      className={`${formStyles.numberInput} ${styles.timeInput} ${textStyles.mono}`}
      aria-label={label}
      disabled={!form.isOn}
      value={value}
      onChange={(event) => onChange(change(event.currentTarget.value))}
    />
  );
  return (
    <span className={formStyles.numberField}>
      {input(facts.inputLabels[0], form.text, (text) => ({ text }))}
      <span>to</span>
      {input(facts.inputLabels[1], form.until, (until) => ({ until }))}
      {problem === undefined ? null : (
        <span className={formStyles.kitError} role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}
