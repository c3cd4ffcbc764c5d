import { shownTitle } from '../text/shownTitle.ts';
import type { ReactNode } from 'react';
import { hrefOf } from '../../state/places.ts';

/** A link inside the page. */
export function PlaceLink({
  to,
  children,
  className = 'link',
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
      aria-label={shownTitle(label)}
    >
      {children}
    </a>
  );
}
