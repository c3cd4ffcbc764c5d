import { formatDuration, minuteMs, secondMs } from '../../base/time.ts';
import type { ResultView, RunView, TunnelsAnswering } from './fleetRun.ts';
import { applianceStates, skipReasons, stopCauses } from './runStates.ts';
import { readCommands } from './readCommands.ts';
import type { RunTask } from './runTask.ts';

const quotaVerbs = { suspend: 'Suspend', resume: 'Resume', change: 'Change quota of' } as const;

/** What a run does, as its title. */
export function describeTask(task: RunTask): string {
  switch (task.kind) {
    case 'read':
      return `Read: ${readCommands[task.command].label}`;
    case 'tenant':
      return `${quotaVerbs[task.action.kind]} ${task.action.clientId}`;
    case 'configuration':
      return 'Set keys of the configuration';
  }
}

/** `42 ms`, `6.1 s`, `2 min`. */
export function formatTime(milliseconds: number): string {
  if (milliseconds < 100) return `${milliseconds} ms`;
  return milliseconds < minuteMs ? `${(milliseconds / secondMs).toFixed(1)} s` : formatDuration(milliseconds);
}

/** `4 of 4 answer`; without a look, `unknown`. */
export function describeTunnels(tunnels: TunnelsAnswering | null): string {
  if (tunnels === null) return 'unknown';
  return tunnels.total === 0 ? 'no tunnels' : `${tunnels.answering} of ${tunnels.total} answer`;
}

/** The state with its reason: `skipped: away`. */
export const describeState = ({ state, skip }: Pick<ResultView, 'state' | 'skip'>): string =>
  `${applianceStates[state].word}${skip === null ? '' : `: ${skipReasons[skip].word}`}`;

/** How many results are in which part of a run. */
export function countRun({ results }: Pick<RunView, 'results'>) {
  const count = (is: (result: ResultView) => boolean) => results.filter(is).length;
  return {
    taking: count(({ state }) => state !== 'skipped'),
    ran: count(({ state }) => applianceStates[state].hasRun && state !== 'running'),
    done: count(({ state }) => state === 'done' || state === 'watched'),
    failed: count(({ state }) => applianceStates[state].isFailure),
    rolledBack: count(({ state }) => state === 'rolled-back'),
    notStarted: count(({ state }) => state === 'not-started'),
    skipped: count(({ state }) => state === 'skipped'),
  };
}

/** `finished`, `stopped after failures`, `running`. */
export function describeRunState({ state, stopCause }: Pick<RunView, 'state' | 'stopCause'>): string {
  if (stopCause !== null) return stopCauses[stopCause].text;
  return state === 'rolling-back' ? 'rolling back' : state;
}
