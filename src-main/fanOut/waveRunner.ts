import type { Wave } from '../../src-shared/model/fanOut/runOrder.ts';
import type { StopCause } from '../../src-shared/model/fanOut/runStates.ts';

/** `skipped`: nothing was sent, which is no failure. */
export type ApplianceOutcome = 'passed' | 'failed' | 'skipped';

/**
 * Runs wave after wave; each ends before the next one starts. Resolves with the reason why later waves were not started,
 * or with null if all were. What runs already always ends. Rejects only like `runOne`.
 */
export async function runWaves(options: {
  waves: readonly Wave[];
  /** The number of failures after which nothing new starts. */
  stopAfter: number | null;
  /** Runs one appliance; for the canary, also watches it. */
  runOne: (id: string, wave: Wave) => Promise<ApplianceOutcome>;
  signal: AbortSignal;
}): Promise<StopCause | null> {
  const { waves, stopAfter, runOne, signal } = options;
  let failures = 0;
  for (const [at, wave] of waves.entries()) {
    if (signal.aborted) return 'operator';
    const outcomes = await Promise.all(wave.ids.map((id) => runOne(id, wave)));
    failures += outcomes.filter((outcome) => outcome === 'failed').length;
    if (at === waves.length - 1) return null;
    if (wave.isCanary && outcomes.some((outcome) => outcome !== 'passed')) return 'canary';
    if (stopAfter !== null && failures >= stopAfter) return 'failures';
  }
  return null;
}
