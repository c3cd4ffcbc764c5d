import { useState } from 'react';
import type { Probing } from '../../../../src-shared/model/probe.ts';
import { CheckField } from '../../../ui/Fields.tsx';
import { NumberField } from '../../../ui/NumberField.tsx';
import { type Problems, type ProbingForm as Form, probingFormOf, readProbing } from '../forms.ts';
import { useSetProbing } from '../queries.ts';
import { SaveBar } from './SaveBar.tsx';

/** How often the console tests tunnels by itself, and how many at a time. */
export function ProbingForm({ probing }: { probing: Probing }) {
  const saved = probingFormOf(probing);
  const [form, setForm] = useState<Form>(saved);
  const [problems, setProblems] = useState<Problems>({});
  const save = useSetProbing();
  const change = (part: Partial<Form>): void => {
    setForm((current) => ({ ...current, ...part }));
    setProblems({});
  };
  const submit = (): void => {
    const read = readProbing(form);
    if ('problems' in read) setProblems(read.problems);
    else save.mutate({ probing: read.probing });
  };
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className="sub">
        A probe opens a connection through the tunnel, from the appliance, and listens whether the service
        answers. It never logs in to anything.
      </p>
      <div className="rule">
        <CheckField
          label="Probe by itself, each tunnel every"
          checked={form.enabled}
          onChange={(enabled) => change({ enabled })}
        />
        <NumberField
          label="Minutes between probes"
          value={form.everyMinutes}
          onChange={(everyMinutes) => change({ everyMinutes })}
          unit="minutes, spread"
          disabled={!form.enabled}
          error={problems['everyMinutes']}
        />
      </div>
      <div className="rule">
        <span className="rule-plain">On one appliance at most</span>
        <NumberField
          label="Probes at once"
          value={form.atOnce}
          onChange={(atOnce) => change({ atOnce })}
          unit="at once"
          error={problems['atOnce']}
        />
      </div>
      <SaveBar
        isChanged={JSON.stringify(form) !== JSON.stringify(saved)}
        isSaving={save.isPending}
        isSaved={save.isSuccess}
        error={save.error}
        onReset={() => change(saved)}
      />
    </form>
  );
}
