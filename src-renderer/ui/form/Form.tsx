import type { ComponentPropsWithRef } from 'react';

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
