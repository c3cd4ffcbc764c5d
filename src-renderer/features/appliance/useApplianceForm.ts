import { useEffect } from 'react';
import { type FormState, useFormState } from '../../ui/form/useFormState.ts';
import { type ApplianceForm, readForm } from './formModel.ts';

export type ApplianceFormState = FormState<ApplianceForm>;

/**
 * The form of an appliance. `onUnsaved` reports whether there are unsaved changes, so that the dialog can ask
 * before it closes.
 */
export function useApplianceForm(
  initialValues: ApplianceForm,
  {
    onUnsaved,
    onChange,
  }: {
    onUnsaved: (isUnsaved: boolean) => void;
    onChange?: (values: ApplianceForm, previous: ApplianceForm) => void;
  },
): ApplianceFormState {
  const form = useFormState(initialValues, onChange);
  const isUnsaved = form.isDirty();
  useEffect(() => {
    onUnsaved(isUnsaved);
  }, [isUnsaved, onUnsaved]);
  return form;
}

/** Returns the input of the RPC call. Null if a field is wrong; the form then shows the errors. */
export function readValid(form: ApplianceFormState, values: ApplianceForm = form.values) {
  const read = readForm(values);
  if ('input' in read) return read.input;
  form.setErrors(read.errors);
  return null;
}

/** The props of a checkbox for a form field. */
export function checkProps(
  form: ApplianceFormState,
  field: 'agent' | 'password' | 'keyboardInteractive' | 'legacyAlgorithms' | 'locked',
) {
  return {
    checked: form.values[field],
    onChange: (isChecked: boolean) => {
      form.setFieldValue(field, isChecked);
      form.clearFieldError('login');
    },
  };
}
