import type { ReactNode } from 'react';

export function Card(props: {
  title?: ReactNode;
  aside?: ReactNode;
  tone?: 'warn' | 'bad';
  label?: string;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className="card" data-tone={props.tone} aria-label={props.label}>
      {props.title === undefined ? null : (
        <header>
          <h2>{props.title}</h2>
          {props.aside}
        </header>
      )}
      {props.flush ? props.children : <div className="body">{props.children}</div>}
    </section>
  );
}

export function Kpi({
  figure,
  of,
  label,
  tone,
}: {
  figure: ReactNode;
  of?: ReactNode;
  label: ReactNode;
  tone?: 'warn' | 'bad';
}) {
  return (
    <div className="card kpi">
      <span className="figure word" data-tone={tone}>
        {figure}
        {of === undefined ? null : <small> / {of}</small>}
      </span>
      <span className="label">{label}</span>
    </div>
  );
}

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

/** Names and values, one a line. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
