import type { ReactNode } from 'react';

/** The room between header and footer. `fill`: its parts scroll, not the page. */
export function Page({ fill = false, children }: { fill?: boolean; children: ReactNode }) {
  return <div className={fill ? 'page fill' : 'page'}>{children}</div>;
}

/** The page's heading, a word about it, and what can be done with the page. */
export function PageHead({
  title,
  sub,
  children,
}: {
  title: ReactNode;
  sub?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="page-head">
      <h1>{title}</h1>
      {sub === undefined ? null : <span className="sub">{sub}</span>}
      {children}
    </div>
  );
}
