import type { Probing } from '../../../../src-shared/model/tunnels/probe.ts';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { NumberField } from '../../../ui/form/NumberField.tsx';
import { probingFormOf, readProbing } from '../forms.ts';
import { useSetProbing } from '../queries.ts';
import { useSettingsForm } from '../useSettingsForm.ts';
import { SaveBar } from './SaveBar.tsx';

/** How often the console tests tunnels by itself, and how many at a time. */
export function ProbingForm({ probing }: { probing: Probing }) {
  const save = useSetProbing();
  const { form, problems, isChanged, change, reset, submit } = useSettingsForm(
    probingFormOf(probing),
    readProbing,
    save.mutate,
  );
  return (
    <Form className="settings-form" onSubmit={submit}>
      <p className="sub">
        A test opens a connection through the tunnel, from the appliance, and checks whether the service
        answers. It never logs in.
      </p>
      <div className="rule">
        <CheckField
          label="Test every tunnel automatically every"
          checked={form.enabled}
          onChange={(enabled) => change({ enabled })}
        />
        <NumberField
          label="Minutes between tests"
          value={form.everyMinutes}
          onChange={(everyMinutes) => change({ everyMinutes })}
          unit="minutes"
          disabled={!form.enabled}
          error={problems['everyMinutes']}
        />
      </div>
      <div className="rule">
        <span className="rule-plain">Concurrent tests per appliance</span>
        <NumberField
          label="Concurrent tests"
          value={form.atOnce}
          onChange={(atOnce) => change({ atOnce })}
          unit="at once"
          error={problems['atOnce']}
        />
      </div>
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
