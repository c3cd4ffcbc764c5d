import { comparableOutput } from '../../src-shared/model/fanOut/comparableOutput.ts';
import { createOutputComparison } from '../../src-shared/model/fanOut/compareOutputs.ts';
import type { FleetRun, RunSummary, RunView } from '../../src-shared/model/fanOut/fleetRun.ts';
import { applianceStates, type ApplianceState } from '../../src-shared/model/fanOut/runStates.ts';
import type { StoredResult } from './runRows.ts';

type Compare = ReturnType<typeof createOutputComparison>;

/** Whether the change is on the appliance and can be undone. */
export const canRollBack = ({ state, undo }: StoredResult): boolean =>
  undo !== null && (state === 'done' || state === 'failed');

/** The outputs as they are compared. */
export const comparedOutputs = (
  run: Pick<FleetRun, 'startedAt' | 'task'>,
  results: readonly StoredResult[],
) =>
  results.map(({ applianceId, name, output }) => ({
    id: applianceId,
    output: output === null ? null : comparableOutput(output, { name, at: run.startedAt, task: run.task }),
  }));

export function buildRunView(run: FleetRun, results: readonly StoredResult[], compare: Compare): RunView {
  const { most, byId } = compare(comparedOutputs(run, results));
  const names = new Map(results.map(({ applianceId, name }) => [applianceId, name]));
  return {
    ...run,
    results: results.map((result) => {
      const { output: _output, undo: _undo, ...shown } = result;
      const comparison = byId.get(result.applianceId) ?? { kind: 'none' };
      return { ...shown, comparison, canRollBack: canRollBack(result) };
    }),
    most: (most?.ids ?? []).flatMap((id) => names.get(id) ?? []),
  };
}

export function countStates(results: readonly StoredResult[]): Partial<Record<ApplianceState, number>> {
  const counts: Partial<Record<ApplianceState, number>> = {};
  for (const { state } of results) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

export function buildRunSummary(run: FleetRun, counts: RunSummary['counts']): RunSummary {
  const { order: _order, waves: _waves, ...summary } = run;
  return { ...summary, counts };
}

/** `2 done, 1 failed, 1 not started`. */
export function describeCounts(results: readonly StoredResult[]): string {
  return Object.entries(countStates(results))
    .map(
      ([state, count]) =>
        `${count} ${Object.entries(applianceStates).find(([name]) => name === state)?.[1].word ?? state}`,
    )
    .join(', ');
}
