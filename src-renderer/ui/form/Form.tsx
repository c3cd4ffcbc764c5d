import type { ComponentPropsWithRef, ReactNode } from 'react';
import form from './form.module.css';

/** Handles the submit and the validation messages in the page, instead of the browser. */
export function Form({
  onSubmit,
  ...props
}: Omit<ComponentPropsWithRef<'form'>, 'onSubmit' | 'noValidate'> & { onSubmit: () => void }) {
  return (
    <form
      {...props}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    />
  );
}

/** Two fields side by side. */
export function FormGrid({ children }: { children: ReactNode }) {
  return <div className={form.formPair}>{children}</div>;
}
