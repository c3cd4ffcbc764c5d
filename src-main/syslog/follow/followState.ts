import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { asSentence } from '../../../src-shared/base/sentence.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { BadFile } from './survey.ts';

/** During a rotation, the log is missing for a moment. */
const graceMs = 5 * secondMs;

export type FollowState = {
  phase: 'waiting' | 'surveying' | 'catching-up' | 'following';
  /** Whether older lines are read at the same time. */
  isFilling: boolean;
  /** Why the log can't be read now, as a sentence. Null if it can, or while the link is down. */
  trouble: string | null;
  /** Whether the appliance can't run the script that reads files, so that only `tail` can follow its log. */
  isRefused: boolean;
};

/** What a follower does now, and why it can't read. */
export function createFollowState(options: { onState: (state: FollowState) => void; clock: () => number }) {
  const { clock } = options;
  let state: FollowState = { phase: 'waiting', isFilling: false, trouble: null, isRefused: false };
  let missingSince: number | null = null;
  let lastReadAt: number | null = null;

  function set(change: Partial<FollowState>): void {
    const next = { ...state, ...change };
    const isSame =
      next.phase === state.phase &&
      next.isFilling === state.isFilling &&
      next.trouble === state.trouble &&
      next.isRefused === state.isRefused;
    if (isSame) return;
    state = next;
    options.onState(next);
  }

  return {
    current: () => state,
    set,
    lastReadAt: () => lastReadAt,
    noteRead: (): void => {
      lastReadAt = clock();
    },
    /** What a survey says about the log itself. Null: it can be read. */
    noteLog: (problem: Pick<BadFile, 'problem' | 'text'> | null): void => {
      if (problem === null) {
        missingSince = null;
        return set({ trouble: null });
      }
      const trouble = `The log can’t be read: ${asSentence(visibleLine(problem.text))}`;
      if (problem.problem !== 'missing') return set({ trouble });
      missingSince ??= clock();
      // A log that was never read is not being rotated.
      if (lastReadAt === null || clock() - missingSince >= graceMs) set({ trouble });
    },
  };
}

export type FollowStateKeeper = ReturnType<typeof createFollowState>;
