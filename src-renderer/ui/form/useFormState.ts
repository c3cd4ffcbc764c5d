import { useForm, type UseFormReturnType } from '@mantine/form';

export type FormState<Values> = UseFormReturnType<Values>;

/** Values, errors and changes of a form. `onChange` gets the values before and after each change. */
export function useFormState<Values extends Record<string, unknown>>(
  initialValues: Values,
  onChange?: (values: Values, previous: Values) => void,
): FormState<Values> {
  return useForm<Values>({
    initialValues,
    ...(onChange === undefined ? {} : { onValuesChange: onChange }),
  });
}

/** The props of a text field or a choice. `path` is a field of the form, or a field in a list: `jumps.0.address`. */
export function textProps<Values>(
  form: FormState<Values>,
  path: string,
): { value: string; onChange: (value: string) => void; error: string | undefined } {
  const { value, onChange, error } = form.getInputProps(path);
  return { value, onChange, error };
}
