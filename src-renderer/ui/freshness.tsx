import { createContext, use, type ReactNode } from 'react';
import { staleAfterMs } from '../../src-shared/model/chain.ts';
import { ageMs } from '../../src-shared/model/time.ts';
import { useNow } from './now.ts';

export type ToneName = 'ok' | 'warn' | 'bad' | 'off' | 'unknown';
export type ShownTone = ToneName | 'old';

const ReachableContext = createContext(true);

/** Says whether the console answers; while it does not, nothing below may look well. */
export function FreshnessProvider({ reachable, children }: { reachable: boolean; children: ReactNode }) {
  return <ReachableContext value={reachable}>{children}</ReachableContext>;
}

/** Whether a value seen at `observedAt` is too old to be trusted. A value never seen is old. */
export function isOld(observedAt: string | null, now: number): boolean {
  return observedAt === null || ageMs(observedAt, now) > staleAfterMs;
}

export function useIsOld(observedAt: string | null): boolean {
  const reachable = use(ReachableContext);
  const now = useNow();
  return !reachable || isOld(observedAt, now);
}

/** Green is only shown for what was seen a moment ago: `ok` becomes `old` by itself. Other tones stay. */
export function useShownTone(tone: ToneName, observedAt: string | null): ShownTone {
  const old = useIsOld(observedAt);
  return tone === 'ok' && old ? 'old' : tone;
}
