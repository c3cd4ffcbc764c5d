import { safeTitle } from '../text/safeTitle.ts';
import type { ReactNode } from 'react';
import button from './Button.module.css';

export type ButtonProps = {
  children: ReactNode;
  onClick?: () => void;
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  small?: boolean;
  busy?: boolean;
  disabled?: boolean;
  submit?: boolean;
  title?: string;
  label?: string;
};

const kindClasses = {
  plain: '',
  primary: button.primary,
  danger: button.danger,
  quiet: button.quiet,
} as const;

/** A button. While `busy`, it keeps its size and shows that an action is running. */
export function Button({
  children,
  onClick,
  kind = 'plain',
  small,
  busy,
  disabled,
  submit,
  title,
  label,
}: ButtonProps) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      className={[button.btn, kindClasses[kind], small ? button.small : ''].join(' ')}
      onClick={onClick}
      disabled={disabled === true || busy === true}
      aria-busy={busy === true}
      title={safeTitle(title)}
      aria-label={safeTitle(label)}
    >
      {busy ? <span className={button.spin} /> : null}
      {children}
    </button>
  );
}
