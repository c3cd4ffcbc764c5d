import { useState } from 'react';
import type { Problems, SettingsForm } from './forms.ts';

/** The state of a form for saved settings. `read` returns the values to save, or the form's errors. */
export function useSettingsForm<Value extends object>(
  saved: SettingsForm,
  read: (form: SettingsForm) => Value | { problems: Problems },
  save: (value: Value) => void,
) {
  /**
   * The fields that were changed in this form. The other fields show the saved values, also when another page
   * changes them.
   */
  const [typed, setTyped] = useState<SettingsForm>({});
  const [problems, setProblems] = useState<Problems>({});
  // Compares the values that would be saved, because the form also keeps values that are not saved, e.g. of a
  // rule that is off.
  const meaning = (form: SettingsForm): string => {
    const value = read(form);
    return JSON.stringify('problems' in value ? form : value);
  };
  const savedMeaning = meaning(saved);
  const [last, setLast] = useState(saved);
  const lastMeaning = meaning(last);
  if (lastMeaning !== savedMeaning) {
    setLast(saved);
    // Another page saved the settings. Drop fields that equal the previous values, or this form would undo
    // that change.
    setTyped(
      Object.fromEntries(
        Object.entries(typed).filter(([name, field]) => meaning({ ...last, [name]: field }) !== lastMeaning),
      ),
    );
  }
  const form = { ...saved, ...typed };
  return {
    form,
    problems,
    isChanged: meaning(form) !== savedMeaning,
    change: (part: SettingsForm): void => {
      setTyped((current) => ({ ...current, ...part }));
      setProblems({});
    },
    reset: () => {
      setTyped({});
      setProblems({});
    },
    submit: () => {
      const value = read(form);
      if ('problems' in value) setProblems(value.problems);
      else save(value);
    },
  };
}
