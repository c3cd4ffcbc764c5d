import type { RunView } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { countRun } from '../../../../src-shared/model/fanOut/resultText.ts';
import { applianceStates } from '../../../../src-shared/model/fanOut/runStates.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { isActive } from '../queries.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';
import styles from '../fanOut.module.css';

/** How far a run is: one mark for each appliance that takes part, and the counts in words. */
export function RunProgress({ run }: { run: RunView }) {
  const { ran, taking, done, failed, rolledBack, notStarted, skipped } = countRun(run);
  const parts = [
    { count: done, sign: '✓', word: 'done', tone: 'ok' },
    { count: failed, sign: '✕', word: 'failed', tone: 'bad' },
    { count: rolledBack, sign: '↶', word: 'rolled back', tone: 'warn' },
    { count: notStarted, sign: '○', word: 'not started', tone: 'off' },
  ];
  const order = new Map(run.waves.flatMap(({ ids }) => ids).map((id, at) => [id, at]));
  const marks = run.results
    .filter(({ state }) => state !== 'skipped')
    .toSorted((a, b) => (order.get(a.applianceId) ?? 0) - (order.get(b.applianceId) ?? 0));
  return (
    <>
      <span className={styles.marks} aria-hidden="true">
        {marks.map(({ applianceId, state }) => (
          <i key={applianceId} data-tone={applianceStates[state].tone} data-state={state} />
        ))}
      </span>
      <span aria-live="polite">
        <b>
          {ran} of {taking} ran
        </b>
        {skipped > 0 ? `, ${skipped} skipped` : ''}
      </span>
      {parts
        .filter(({ count }) => count > 0)
        .map(({ count, sign, word, tone }) => (
          <span key={word} className={feedback.word} data-tone={tone}>
            {sign} {count} {word}
          </span>
        ))}
      <span className={layout.grow} />
      <span className={text.sub}>
        started <Ago at={run.startedAt} /> by {visibleLine(run.operator)}
        {run.reason === '' ? '' : `, ${visibleLine(run.reason)}`}
        {isActive(run) || run.endedAt === null
          ? ''
          : `, took ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`}
      </span>
    </>
  );
}
