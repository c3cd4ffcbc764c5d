import type { ReactNode } from 'react';
import { useHeadingFocus } from './focus.ts';
import layout from './layout.module.css';
import text from '../text/text.module.css';

/** The area between header and footer. With `fill`, parts of the page scroll instead of the page. */
export function Page({ fill = false, children }: { fill?: boolean; children: ReactNode }) {
  return <div className={fill ? `${layout.page} ${layout.fill}` : layout.page}>{children}</div>;
}

/** The page's heading, a short description, and the page's actions. */
export function PageHead({
  title,
  sub,
  children,
}: {
  title: ReactNode;
  sub?: ReactNode;
  children?: ReactNode;
}) {
  const heading = useHeadingFocus();
  return (
    <div className={layout.pageHead}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {sub === undefined ? null : <span className={text.sub}>{sub}</span>}
      {children}
    </div>
  );
}
