import { ageMs, formatDuration } from '../../../src-shared/base/time.ts';
import { useIsOld } from './freshness.tsx';
import { formatLocal } from './Moment.tsx';
import { useFromNow } from './now.ts';
import feedback from './feedback.module.css';

function formatAge(at: string, now: number, nowForMs: number): string {
  const age = ageMs(at, now);
  return age < nowForMs ? 'now' : formatDuration(age);
}

/** How old a value is, ticking; amber once it is older than it should be. `never` where it was never seen. */
export function Age({ observedAt, freshForMs }: { observedAt: string | null; freshForMs?: number }) {
  const old = useIsOld(observedAt, freshForMs);
  const age = useFromNow((now) => (observedAt === null ? '' : formatAge(observedAt, now, 1000)));
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

/** How long ago an event was. `isSentence` reads on: `3 min ago`, `just now`. */
export function Ago({ at, isSentence = false }: { at: string | null; isSentence?: boolean }) {
  const age = useFromNow((now) => (at === null ? '–' : formatAge(at, now, 2000)));
  if (at === null) return <span className={feedback.age}>–</span>;
  return (
    <span className={feedback.age} title={`${formatLocal(at)} (${at})`}>
      {!isSentence ? age : age === 'now' ? 'just now' : `${age} ago`}
    </span>
  );
}
