import { useState } from 'react';
import type { Problems } from './forms.ts';

/** The state of a form for saved settings. `read` returns the values to save, or the form's errors. */
export function useSettingsForm<Form extends object, Value extends object>(
  saved: Form,
  read: (form: Form) => Value | { problems: Problems },
  save: (value: Value) => void,
) {
  const [typed, setTyped] = useState<Form | null>(null);
  const [problems, setProblems] = useState<Problems>({});
  // Compares the values that would be saved, because a form holds more, e.g. the number of a rule that is off.
  const meaning = (form: Form): string => {
    const value = read(form);
    return JSON.stringify('problems' in value ? form : value);
  };
  const savedMeaning = meaning(saved);
  const [lastMeaning, setLastMeaning] = useState(savedMeaning);
  if (lastMeaning !== savedMeaning) {
    setLastMeaning(savedMeaning);
    // The settings were saved elsewhere. An unchanged form follows, because saving it would undo that change.
    if (typed !== null && meaning(typed) === lastMeaning) setTyped(null);
  }
  const form = typed ?? saved;
  return {
    form,
    problems,
    isChanged: meaning(form) !== savedMeaning,
    change: (part: Partial<Form>): void => {
      setTyped((current) => ({ ...(current ?? saved), ...part }));
      setProblems({});
    },
    reset: () => {
      setTyped(null);
      setProblems({});
    },
    submit: () => {
      const value = read(form);
      if ('problems' in value) setProblems(value.problems);
      else save(value);
    },
  };
}
