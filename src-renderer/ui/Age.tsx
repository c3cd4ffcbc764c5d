import { ageMs, formatDuration } from '../../src-shared/model/time.ts';
import { useIsOld } from './freshness.tsx';
import { formatLocal } from './Moment.tsx';
import { useNow } from './now.ts';

/** How old a value is, ticking; amber once it is older than it should be. `never` where it was never seen. */
export function Age({ observedAt, freshForMs }: { observedAt: string | null; freshForMs?: number }) {
  const now = useNow();
  const old = useIsOld(observedAt, freshForMs);
  if (observedAt === null) {
    return (
      <span className="age" data-testid="age" title="not seen yet">
        never
      </span>
    );
  }
  const age = ageMs(observedAt, now);
  return (
    <span
      className="age"
      data-testid="age"
      data-old={old}
      title={`seen ${formatLocal(observedAt)} (${observedAt})${old ? ', older than it should be' : ''}`}
    >
      {age < 1000 ? 'now' : formatDuration(age)}
    </span>
  );
}

/** How long ago something happened, where no freshness is meant: an event, not a value. */
export function Ago({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <span className="age">–</span>;
  const age = ageMs(at, now);
  return (
    <span className="age" title={`${formatLocal(at)} (${at})`}>
      {age < 2000 ? 'now' : formatDuration(age)}
    </span>
  );
}
