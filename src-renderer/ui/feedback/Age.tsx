import { ageMs, formatDuration, minuteMs, secondMs } from '../../../src-shared/base/time.ts';
import { useIsOld } from './freshness.tsx';
import { formatLocal } from './Moment.tsx';
import { useFromNow } from './now.ts';
import feedback from './feedback.module.css';

const stepMs = 10 * secondMs;

/**
 * Formats an age. Below a minute in steps of ten seconds, because many ages that change each second are
 * distracting.
 */
function formatAge(at: string, now: number): string {
  const age = ageMs(at, now);
  if (age < 2000) return 'now';
  if (age < stepMs) return '< 10 s';
  return formatDuration(age < minuteMs ? age - (age % stepMs) : age);
}

/** Formats an age to the second, for a single value that the operator is waiting for. */
function formatExactAge(at: string, now: number): string {
  const age = ageMs(at, now);
  return age < 1000 ? 'now' : formatDuration(age);
}

/**
 * The age of a value, updated as time passes; amber once it is too old. Shows `never` for a value that was
 * never seen.
 */
export function Age({ observedAt, freshForMs }: { observedAt: string | null; freshForMs?: number }) {
  const old = useIsOld(observedAt, freshForMs);
  const age = useFromNow((now) => (observedAt === null ? '' : formatAge(observedAt, now)));
  if (observedAt === null) {
    return (
      <span className={feedback.age} data-testid="age" title="not seen yet">
        never
      </span>
    );
  }
  return (
    <span
      className={feedback.age}
      data-testid="age"
      data-old={old}
      title={`seen ${formatLocal(observedAt)} (${observedAt})${old ? ', out of date' : ''}`}
    >
      {age}
    </span>
  );
}

/**
 * How long ago an event was. With `isSentence` as part of a sentence: `3 min ago`, `just now`. `exact`
 * updates each second.
 */
export function Ago({
  at,
  isSentence = false,
  exact = false,
}: {
  at: string | null;
  isSentence?: boolean;
  exact?: boolean;
}) {
  const age = useFromNow((now) => (at === null ? '–' : (exact ? formatExactAge : formatAge)(at, now)));
  if (at === null) return <span className={feedback.age}>–</span>;
  return (
    <span className={feedback.age} title={`${formatLocal(at)} (${at})`}>
      {!isSentence ? age : age === 'now' ? 'just now' : `${age} ago`}
    </span>
  );
}
