import type { SettingFacts } from '../../../../src-shared/base/settingFields.ts';
import type { SettingLock } from '../../../../src-shared/model/policy/policy.ts';
import { CheckField, TextArea, TextField } from '../../../ui/form/Fields.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import type { FieldForm } from '../forms.ts';
import { safeTitle } from '../../../ui/text/safeTitle.ts';
import formStyles from '../../../ui/form/form.module.css';
import styles from '../settings.module.css';
import textStyles from '../../../ui/text/text.module.css';

type FieldProps<Facts> = {
  facts: Facts;
  form: FieldForm;
  problem: string | undefined;
  /** The lock of the policy file; undefined if the setting is free. */
  lock: SettingLock | undefined;
  onChange: (part: Partial<FieldForm>) => void;
};
type Facts<Kind extends SettingFacts['kind']> = Extract<SettingFacts, { kind: Kind }>;

/** One row of a settings form. `children` are the fields that belong to a switch. */
export function SettingRow({
  children,
  ...field
}: FieldProps<SettingFacts> & { children?: React.ReactNode }) {
  const { facts, form, problem, lock, onChange } = field;
  const isLocked = lock !== undefined;
  if (facts.kind === 'text') return <SettingText {...field} facts={facts} />;
  return (
    <div className={styles.rule}>
      {facts.kind === 'number' ? (
        <span className={styles.rulePlain}>{facts.label}</span>
      ) : (
        <CheckField
          label={facts.label}
          checked={form.isOn}
          disabled={isLocked}
          onChange={(isOn) => onChange({ isOn })}
        />
      )}
      {facts.kind === 'switch' ? (
        <span className={formStyles.numberField}>
          {children}
          <LockMark lock={lock} what={children === undefined ? '' : 'on or off '} />
        </span>
      ) : facts.kind === 'hours' ? (
        <HoursField {...field} facts={facts} form={form} problem={problem} />
      ) : (
        <SettingNumber {...field} facts={facts} isOff={!form.isOn} />
      )}
    </div>
  );
}

export function SettingNumber({
  facts,
  form,
  problem,
  lock,
  onChange,
  isOff,
}: FieldProps<Facts<'limit' | 'number'>> & { isOff: boolean }) {
  return (
    <span className={formStyles.numberField}>
      <NumberField
        label={facts.inputLabel}
        value={form.text}
        onChange={(text) => onChange({ text })}
        unit={facts.unit}
        disabled={isOff || lock !== undefined}
        error={problem}
      />
      <LockMark lock={lock} />
    </span>
  );
}

/** The word beside a locked setting. */
function LockMark({ lock, what = '' }: { lock: SettingLock | undefined; what?: string }) {
  if (lock === undefined) return null;
  return (
    <span className={styles.locked} title={safeTitle(`Locked to: ${lock.shown}`)}>
      {what}locked
    </span>
  );
}

function SettingText({ facts, form, problem, lock, onChange }: FieldProps<Facts<'text'>>) {
  const { label, placeholder, lines } = facts;
  const props = { label, placeholder, value: form.text, error: problem, disabled: lock !== undefined };
  return (
    <div>
      {lines === 1 ? (
        <TextField {...props} onChange={(text) => onChange({ text })} />
      ) : (
        <TextArea {...props} rows={lines} onChange={(text) => onChange({ text })} />
      )}
      <LockMark lock={lock} />
    </div>
  );
}

function HoursField({ facts, form, problem, lock, onChange }: FieldProps<Facts<'hours'>>) {
  const input = (label: string, value: string, change: (text: string) => Partial<FieldForm>) => (
    <input
      maxLength={5}
      placeholder="22:00"
      className={`${formStyles.numberInput} ${styles.timeInput} ${textStyles.mono}`}
      aria-label={label}
      disabled={!form.isOn || lock !== undefined}
      value={value}
      onChange={(event) => onChange(change(event.currentTarget.value))}
    />
  );
  return (
    <span className={formStyles.numberField}>
      {input(facts.inputLabels[0], form.text, (text) => ({ text }))}
      <span>to</span>
      {input(facts.inputLabels[1], form.until, (until) => ({ until }))}
      <LockMark lock={lock} />
      {problem === undefined ? null : (
        <span className={formStyles.kitError} role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}
