import { createContext, use, type ReactNode } from 'react';
import { staleAfterMs } from '../../../src-shared/model/tunnels/observedLayers.ts';
import { isOlderThan } from '../../../src-shared/base/time.ts';
import { useFromNow } from './now.ts';

export type ToneName = 'ok' | 'warn' | 'bad' | 'off' | 'unknown';
export type ShownTone = ToneName | 'old';

const ReachableContext = createContext(true);

/**
 * Tells everything inside whether the console or appliance is reachable. If not, nothing inside is shown as
 * green.
 */
export function FreshnessProvider({ reachable, children }: { reachable: boolean; children: ReactNode }) {
  const isOutsideReachable = useReachable();
  return <ReachableContext value={reachable && isOutsideReachable}>{children}</ReachableContext>;
}

export function useReachable(): boolean {
  return use(ReachableContext);
}

/** Whether a value seen at `observedAt` is too old to be trusted. A value never seen is old. */
function isOld(observedAt: string | null, now: number, freshForMs: number): boolean {
  return observedAt === null || isOlderThan(observedAt, freshForMs, now);
}

/** Pass `freshForMs` for values that are polled less often than every few seconds. */
export function useIsOld(observedAt: string | null, freshForMs = staleAfterMs): boolean {
  const reachable = useReachable();
  const old = useFromNow((now) => isOld(observedAt, now, freshForMs));
  return !reachable || old;
}

/** Whether any of several values is too old. Values that were never seen don't count. */
export function useIsAnyOld(observedAts: readonly (string | null)[], freshForMs = staleAfterMs): boolean {
  const reachable = useReachable();
  const old = useFromNow((now) => observedAts.some((at) => at !== null && isOld(at, now, freshForMs)));
  return !reachable || old;
}

/** Green is only shown for recent values: `ok` becomes `old` as time passes. Other tones stay. */
export function useShownTone(
  tone: ToneName,
  observedAt: string | null,
  freshForMs = staleAfterMs,
): ShownTone {
  const old = useIsOld(observedAt, freshForMs);
  return tone === 'ok' && old ? 'old' : tone;
}
