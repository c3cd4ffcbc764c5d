import { ageMs, formatDuration } from '../../../src-shared/base/time.ts';
import { useIsOld } from './freshness.tsx';
import { formatLocal } from './Moment.tsx';
import { useFromNow } from './now.ts';

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
      <span className="age" data-testid="age" title="not seen yet">
        never
      </span>
    );
  }
  return (
    <span
      className="age"
      data-testid="age"
      data-old={old}
      title={`seen ${formatLocal(observedAt)} (${observedAt})${old ? ', out of date' : ''}`}
    >
      {age}
    </span>
  );
}

/** How long ago something happened, where no freshness is meant: an event, not a value. */
export function Ago({ at }: { at: string | null }) {
  const age = useFromNow((now) => (at === null ? '–' : formatAge(at, now, 2000)));
  if (at === null) return <span className="age">–</span>;
  return (
    <span className="age" title={`${formatLocal(at)} (${at})`}>
      {age}
    </span>
  );
}
