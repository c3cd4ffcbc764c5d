import { race } from '../../../src-shared/base/race.ts';
import type { FollowState } from '../follow/followState.ts';
import type { KeptLogs } from './keptLogs.ts';

/** Whether all lines that the appliance had are kept. */
const isCaughtUp = ({ phase, isFilling }: FollowState) => phase === 'following' && !isFilling;

/**
 * Reads a log until all its lines are kept. Resolves with the reason, as a sentence, if it can't be read now. Rejects when
 * `signal` aborts.
 */
export async function catchUp(
  logs: Pick<KeptLogs, 'keep' | 'stateOf' | 'problemOf' | 'onEvent'>,
  applianceId: string,
  signal: AbortSignal,
): Promise<string | null> {
  const ended = Promise.withResolvers<string | null>();
  const check = (state: FollowState | null) => {
    if (state === null) return;
    const problem = logs.problemOf(applianceId);
    if (problem !== null) ended.resolve(problem.message);
    else if (state.trouble !== null) ended.resolve(state.trouble);
    else if (isCaughtUp(state)) ended.resolve(null);
  };
  const stopListening = logs.onEvent((id) => {
    if (id === applianceId) check(logs.stateOf(applianceId));
  });
  const release = logs.keep(applianceId);
  try {
    check(logs.stateOf(applianceId));
    return await race(ended.promise, { signal });
  } finally {
    stopListening();
    await release();
  }
}
