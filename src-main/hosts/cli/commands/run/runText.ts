import { diffLines } from '../../../../../src-shared/base/lineDiff.ts';
import { visibleText } from '../../../../../src-shared/base/machineText.ts';
import { describeComparison } from '../../../../../src-shared/model/fanOut/compareOutputs.ts';
import {
  formatRun,
  type PreparedRun,
  type RunView,
} from '../../../../../src-shared/model/fanOut/fleetRun.ts';
import {
  countRun,
  describeRunState,
  describeState,
  describeTask,
  describeTunnels,
  formatTime,
} from '../../../../../src-shared/model/fanOut/resultText.ts';
import { applianceStates, skipReasons } from '../../../../../src-shared/model/fanOut/runStates.ts';
import { toneColours } from '../../../../../src-shared/model/tunnels/tone.ts';
import type { FanOut } from '../../../../fanOut/fanOut.ts';
import { formatTable, type Paint } from '../../output.ts';

/** The lines of a diff that are near a difference. */
const contextLines = 2;

/** A diff as text: removed lines have `-`, added ones `+`. Equal lines far from a difference are left out. */
export function formatDiff(before: string, after: string): string {
  const lines = diffLines(before, after);
  const isNear = (at: number) =>
    lines
      .slice(Math.max(0, at - contextLines), at + contextLines + 1)
      .some((line) => line.before === null || line.after === null);
  const shown = lines.map((line, at) => {
    if (!isNear(at)) return null;
    const sign = line.after === null ? '-' : line.before === null ? '+' : ' ';
    return `${sign} ${line.text}`;
  });
  return shown
    .filter((line, at) => line !== null || shown[at - 1] !== null)
    .map((line) => line ?? '  …')
    .join('\n');
}

/** The plan: which appliances take part in which wave, and what it changes there. */
export function planRunText({ appliances, waves, command, order, task }: PreparedRun): string {
  const byId = new Map(appliances.map((one) => [one.applianceId, one]));
  const taking = waves.flatMap((wave, at) =>
    wave.ids.flatMap((id) => {
      const one = byId.get(id);
      if (one === undefined) return [];
      const ends = one.ends === 0 ? 'nothing' : `${one.ends}`;
      return [[`${at + 1} ${wave.name}`, one.name, ends, one.notes.join('; ')]];
    }),
  );
  const skipped = appliances.flatMap(({ name, skip, notes }) =>
    skip === null ? [] : [['skipped', name, skipReasons[skip].word, notes.join('; ')]],
  );
  const stop = order.stopAfter === null ? 'never' : `after ${order.stopAfter} failed`;
  return [
    describeTask(task),
    `runs     ${command}`,
    `order    ${order.wave} at once, stops ${stop}${order.watchSeconds > 0 ? `, watches the canary for ${order.watchSeconds} s` : ''}`,
    ...(task.kind === 'configuration' ? ['sets', task.keys.trimEnd().replaceAll(/^/gmu, '  ')] : []),
    formatTable(['WAVE', 'APPLIANCE', 'ENDS', 'CHANGES'], [...taking, ...skipped]),
  ].join('\n');
}

/** One line about a result as soon as it is there. */
export function resultLine(result: RunView['results'][number]): string {
  const time = result.milliseconds === null ? '' : `  ${formatTime(result.milliseconds)}`;
  return `${describeState(result).padEnd(12)} ${result.name}${time}${result.note === '' ? '' : `  ${result.note}`}`;
}

const summaryOf = (view: RunView): string => {
  const { ran, taking, done, failed, rolledBack, notStarted, skipped } = countRun(view);
  const parts: [number, string][] = [
    [done, 'done'],
    [failed, 'failed'],
    [rolledBack, 'rolled back'],
    [notStarted, 'not started'],
    [skipped, 'skipped'],
  ];
  const counts = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${formatRun(view.number)} ${describeRunState(view)}: ${ran} of ${taking} ran; ${counts.join(', ')}.`;
};

const resultTable = (view: RunView, paint?: Paint): string =>
  formatTable(
    ['APPLIANCE', 'RESULT', 'EXIT', 'TIME', 'TUNNELS AFTER', 'OUTPUT', 'NOTE'],
    view.results.map((result) => [
      result.name,
      { text: describeState(result), colour: toneColours[applianceStates[result.state].tone] },
      result.exitCode,
      result.milliseconds === null ? null : formatTime(result.milliseconds),
      describeTunnels(result.tunnels),
      describeComparison(result.comparison),
      result.note,
    ]),
    paint,
  );

/** The output of an appliance, and what of it is compared with that of most. */
export type ReadOutput = (applianceId: string) => Pick<ReturnType<FanOut['output']>, 'output' | 'compared'>;

const printed = (output: string | null) => (output === '' ? '(printed nothing)' : visibleText(output ?? ''));

/** The outputs: that of most once, and what differs from it for each other appliance. */
function outputsText(view: RunView, read: ReadOutput): string[] {
  const most = view.results.find(({ name }) => name === view.most[0]);
  if (most === undefined) return [];
  const { output, compared } = read(most.applianceId);
  const others = view.results.filter(({ comparison }) => comparison.kind === 'differs');
  return [
    `--- ${view.most.join(', ')}`,
    printed(output),
    ...others.flatMap(({ applianceId, name, comparison }) => [
      `--- ${name} (${describeComparison(comparison)})`,
      formatDiff(compared ?? '', read(applianceId).compared ?? ''),
    ]),
  ];
}

/** All results of a run, and what to do about those that are left. */
export function runText(view: RunView, read: ReadOutput, paint?: Paint): string {
  const { failed, notStarted } = countRun(view);
  const run = formatRun(view.number);
  const isLeft = failed + notStarted > 0 && view.endedAt !== null;
  const canUndo = view.results.some(({ canRollBack }) => canRollBack) && view.endedAt !== null;
  return [
    ...outputsText(view, read),
    resultTable(view, paint),
    summaryOf(view),
    ...(isLeft ? [`To run the rest: sallyport run resume ${run}`] : []),
    ...(isLeft && canUndo ? [`To undo what is done: sallyport run rollback ${run} --reason TEXT`] : []),
  ].join('\n');
}
