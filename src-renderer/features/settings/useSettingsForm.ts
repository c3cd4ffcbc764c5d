import { useState } from 'react';
import type { Problems } from './forms.ts';

/** What is typed over what is saved, with what can't be taken of it. `read` gives the value to save, or why there is none. */
export function useSettingsForm<Form extends object, Value extends object>(
  saved: Form,
  read: (form: Form) => Value | { problems: Problems },
  save: (value: Value) => void,
) {
  const [form, setForm] = useState(saved);
  const [problems, setProblems] = useState<Problems>({});
  const change = (part: Partial<Form>): void => {
    setForm((current) => ({ ...current, ...part }));
    setProblems({});
  };
  return {
    form,
    problems,
    isChanged: JSON.stringify(form) !== JSON.stringify(saved),
    change,
    reset: () => change(saved),
    submit: () => {
      const value = read(form);
      if ('problems' in value) setProblems(value.problems);
      else save(value);
    },
  };
}
