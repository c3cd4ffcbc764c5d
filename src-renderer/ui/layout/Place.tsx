import { safeTitle } from '../text/safeTitle.ts';
import type { ReactNode } from 'react';
import text from '../text/text.module.css';
import { hrefOf } from '../../state/places.ts';

/** A link inside the page. */
export function PlaceLink({
  to,
  children,
  className = text.link,
  current,
  label,
}: {
  to: string;
  children: ReactNode;
  className?: string;
  current?: boolean;
  label?: string;
}) {
  return (
    <a
      href={hrefOf(to)}
      className={className}
      aria-current={current ? 'page' : undefined}
      aria-label={safeTitle(label)}
    >
      {children}
    </a>
  );
}
