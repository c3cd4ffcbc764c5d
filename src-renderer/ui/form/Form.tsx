import type { ComponentPropsWithRef, ReactNode } from 'react';
import form from './form.module.css';

/** Sent to this page alone, and judged by its own words: the browser neither leaves the page nor puts its bubbles over it. */
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

/** Two fields beside each other. */
export function FormGrid({ children }: { children: ReactNode }) {
  return <div className={form.formPair}>{children}</div>;
}
