import type { ReactNode } from 'react';
import {
  defaultNotificationRules,
  type NotificationRules,
} from '../../../../src-shared/model/notifications/notification.ts';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import { useSetNotificationRules } from '../../notifications/queries.ts';
import { readRules, type RuleName, type RulesForm as RulesFormState, rulesFormOf } from '../forms.ts';
import { useSettingsForm } from '../useSettingsForm.ts';
import { SaveBar } from './SaveBar.tsx';

const rows: readonly { name: RuleName; label: string; number: string; unit: string }[] = [
  { name: 'downMinutes', label: 'A tunnel stays down for', number: 'Minutes down', unit: 'minutes' },
  {
    name: 'flapsPerHour',
    label: 'A tunnel drops',
    number: 'Drops within an hour',
    unit: 'times within an hour',
  },
  { name: 'quotaPercent', label: 'A tenant uses', number: 'Percent of its ports', unit: '% of its ports' },
  { name: 'keyDays', label: 'A key is older than', number: 'Days', unit: 'days' },
];

function Rule({ children }: { children: ReactNode }) {
  return <div className="rule">{children}</div>;
}

/** When the console speaks up by itself, and when it does so quietly. */
export function RulesForm({ rules }: { rules: NotificationRules }) {
  const save = useSetNotificationRules();
  const { form, problems, isChanged, change, reset, submit } = useSettingsForm(
    rulesFormOf(rules, defaultNotificationRules),
    readRules,
    save.mutate,
  );
  const quiet = (part: Partial<RulesFormState['quiet']>): void =>
    change({ quiet: { ...form.quiet, ...part } });
  return (
    <Form className="settings-form" onSubmit={submit}>
      <p className="sub">Each alert is sent once, and again only after it clears.</p>
      {rows.map(({ name, label, number, unit }) => (
        <Rule key={name}>
          <CheckField
            label={label}
            checked={form[name].on}
            onChange={(on) => change({ [name]: { ...form[name], on } })}
          />
          <NumberField
            label={number}
            value={form[name].number}
            onChange={(value) => change({ [name]: { ...form[name], number: value } })}
            unit={unit}
            disabled={!form[name].on}
            error={problems[name]}
          />
        </Rule>
      ))}
      <Rule>
        <CheckField
          label="Quiet hours (no pop-ups)"
          checked={form.quiet.on}
          onChange={(on) => quiet({ on })}
        />
        <span className="number-field">
          <input
            maxLength={5}
            placeholder="22:00"
            className="number-input time-input mono"
            aria-label="Quiet from"
            disabled={!form.quiet.on}
            value={form.quiet.from}
            onChange={(event) => quiet({ from: event.currentTarget.value })}
          />
          <span>to</span>
          <input
            maxLength={5}
            placeholder="22:00"
            className="number-input time-input mono"
            aria-label="Quiet until"
            disabled={!form.quiet.on}
            value={form.quiet.to}
            onChange={(event) => quiet({ to: event.currentTarget.value })}
          />
          {problems['quiet'] === undefined ? null : (
            <span className="kit-error" role="alert">
              {problems['quiet']}
            </span>
          )}
        </span>
      </Rule>
      <p className="faint">Quiet hours use this computer’s clock. Notifications still appear in the list.</p>
      <SaveBar
        isChanged={isChanged}
        isSaving={save.isPending}
        isSaved={save.isSuccess}
        error={save.error}
        onReset={reset}
      />
    </Form>
  );
}
