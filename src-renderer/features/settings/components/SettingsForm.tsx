import type { ReactNode } from 'react';
import type { z } from 'zod';
import type { SettingsSchema } from '../../../../src-shared/base/settingFields.ts';
import type { SettingGroup } from '../../../../src-shared/model/policy/settingGroups.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { Form } from '../../../ui/form/Form.tsx';
import { listFields, readSettings, writeSettings, type FieldForm, type Settings } from '../forms.ts';
import { usePolicy } from '../../system/queries.ts';
import { useSettingsForm } from '../useSettingsForm.ts';
import { SaveBar } from './SaveBar.tsx';
import { SettingNumber, SettingRow } from './SettingRow.tsx';
import styles from '../settings.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** A form for any settings group: rows, limits and messages come from its schema. */
export function SettingsForm<T extends SettingsSchema>({
  schema,
  group,
  settings,
  saving,
  onSave,
  intro,
  note,
}: {
  schema: T;
  group: SettingGroup;
  /** The saved settings. */
  settings: Settings;
  saving: { isPending: boolean; isSuccess: boolean; error: unknown };
  onSave: (settings: z.output<T>) => void;
  intro: ReactNode;
  note?: ReactNode;
}) {
  const { form, problems, isChanged, change, reset, submit } = useSettingsForm(
    writeSettings(schema, settings),
    (typed) => readSettings(schema, typed),
    ({ settings: read }) => onSave(read),
  );
  const fields = listFields(schema);
  const policy = usePolicy().data;
  const locks = policy?.locks.filter((lock) => lock.group === group) ?? [];
  const getFieldProps = (name: string) => {
    const field = form[name] ?? { isOn: false, text: '', until: '' };
    return {
      form: field,
      problem: problems[name],
      lock: locks.find((lock) => lock.field === name),
      onChange: (part: Partial<FieldForm>) => change({ [name]: { ...field, ...part } }),
    };
  };
  return (
    <Form className={styles.settingsForm} onSubmit={submit}>
      <p className={textStyles.sub}>{intro}</p>
      {policy === undefined || locks.length === 0 ? null : (
        <p className={styles.lockNote}>
          {locks.length === 1 ? '1 setting is' : `${locks.length} settings are`} locked by{' '}
          <span className={textStyles.mono}>{visibleLine(policy.path)}</span>.
        </p>
      )}
      {fields.map(([name, facts]) =>
        facts.kind === 'number' && facts.switchedBy !== undefined ? null : (
          <SettingRow key={name} facts={facts} {...getFieldProps(name)}>
            {fields.map(([inner, innerFacts]) =>
              innerFacts.kind === 'number' && innerFacts.switchedBy === name ? (
                <SettingNumber
                  key={inner}
                  facts={innerFacts}
                  {...getFieldProps(inner)}
                  isOff={!getFieldProps(name).form.isOn}
                />
              ) : null,
            )}
          </SettingRow>
        ),
      )}
      {note === undefined ? null : <p className={textStyles.faint}>{note}</p>}
      <SaveBar
        isChanged={isChanged}
        isSaving={saving.isPending}
        isSaved={saving.isSuccess}
        error={saving.error}
        onReset={reset}
      />
    </Form>
  );
}
