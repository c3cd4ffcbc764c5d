import { safeTitle } from '../text/safeTitle.ts';
import type { ReactNode } from 'react';
import { hrefOf } from '../../state/places.ts';
import card from './Card.module.css';
import feedback from '../feedback/feedback.module.css';

export function Card(props: {
  title?: ReactNode;
  aside?: ReactNode;
  tone?: 'warn' | 'bad';
  label?: string;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className={card.card} data-tone={props.tone} aria-label={safeTitle(props.label)}>
      {props.title === undefined ? null : (
        <header>
          <h2>{props.title}</h2>
          {props.aside}
        </header>
      )}
      {props.flush ? props.children : <div className={card.body}>{props.children}</div>}
    </section>
  );
}

export function Kpi({
  figure,
  of,
  label,
  tone,
  to,
  isLastKnown = false,
}: {
  figure: ReactNode;
  of?: ReactNode;
  label: ReactNode;
  tone?: 'warn' | 'bad';
  /** The page that lists what the figure counts. */
  to: string;
  /** Whether the figure or a part of it is out of date. */
  isLastKnown?: boolean;
}) {
  return (
    <a href={hrefOf(to)} className={`${card.card} ${card.kpi}`} data-old={isLastKnown}>
      <span className={`${card.figure} ${feedback.word}`} data-tone={tone}>
        {figure}
        {of === undefined ? null : <small> / {of}</small>}
      </span>
      <span className={card.label}>
        {label}
        {isLastKnown ? (
          <>
            {' '}
            <LastKnown />
          </>
        ) : null}
      </span>
    </a>
  );
}

/** Marks a figure that is out of date. */
export function LastKnown() {
  return (
    <span className={feedback.age} data-old="true" title="Some of this data is out of date">
      last known
    </span>
  );
}

/** Names and values, one pair per line. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={card.facts}>
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
