import type { ReactNode } from 'react';
import type { PreparedRun, ResultView, RunView } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { describeState } from '../../../../src-shared/model/fanOut/resultText.ts';
import { applianceStates, skipReasons } from '../../../../src-shared/model/fanOut/runStates.ts';
import { taskKinds } from '../../../../src-shared/model/fanOut/runOrder.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { LineDiff } from '../../../ui/diff/LineDiff.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { MachineBlock } from '../../../ui/text/Machine.tsx';
import { writeSpan } from '../../syslog/kept/timeRange.ts';
import { useMay } from '../../system/queries.ts';
import { isActive, useOutput, usePrepareRest } from '../queries.ts';
import { CopyButton } from './CommandCard.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';
import styles from '../fanOut.module.css';

const startWithCapital = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;

/** With more names, shows only their number. */
const maxNames = 3;

function describeMost(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.length === 1) return first;
  const shown = names.slice(0, maxNames).join(', ');
  return `most: ${names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown}`;
}

/** What one appliance printed, beside what most printed, and what to do about it. */
export function ComparisonCard({
  run,
  result,
  onPrepared,
}: {
  run: RunView;
  result: ResultView;
  onPrepared: (prepared: PreparedRun) => void;
}) {
  const { name, comparison, state, note, skip } = result;
  const differs = comparison.kind === 'differs';
  const output = useOutput(run.number, result.applianceId, `${state} ${run.most.join()}`);
  const shown = output.data?.output ?? null;
  return (
    <Card
      title={
        differs ? (
          <>
            {name} compared with {run.most.length > 1 ? 'most' : (run.most[0] ?? '')}{' '}
            {run.most.length > 1 ? <span className={text.sub}>{run.most.length} agree</span> : null}
          </>
        ) : (
          `Output of ${name}`
        )
      }
      label={`Output of ${name}`}
      flush
      aside={shown === null ? null : <CopyButton value={shown} />}
    >
      <div className={styles.output}>
        <Loaded query={output} skeleton={<Skeleton />}>
          {({ output: own, compared, most }) =>
            own === null ? (
              <p className={text.sub}>{startWithCapital(describeState({ state, skip }))}. No output.</p>
            ) : differs && compared !== null && most !== null ? (
              <>
                <div className={styles.diffHead} aria-hidden="true">
                  <span>{describeMost(run.most)}</span>
                  <span>{name}</span>
                </div>
                <LineDiff before={most} after={compared} isPaired />
              </>
            ) : (
              <MachineBlock text={own === '' ? '(printed nothing)' : own} label={`Output of ${name}`} />
            )
          }
        </Loaded>
      </div>
      <NextSteps run={run} result={result} onPrepared={onPrepared}>
        {note === '' ? null : (
          <p>
            <b
              className={feedback.word}
              data-tone={skip === null ? applianceStates[state].tone : skipReasons[skip].tone}
            >
              {startWithCapital(describeState({ state, skip }))}.
            </b>{' '}
            <MomentText text={note} />
          </p>
        )}
        {result.isCut ? <p className={text.sub}>The output was longer; only its beginning is kept.</p> : null}
        {differs ? (
          <p className={text.sub}>
            Its own name, the ID behind it, times near the run and what always changes are not compared.
          </p>
        ) : null}
      </NextSteps>
    </Card>
  );
}

/** The kept log of an appliance during a run, up to now while it runs. */
function logLines({ startedAt, endedAt }: Pick<RunView, 'startedAt' | 'endedAt'>, name: string): string {
  const span = writeSpan({
    from: Date.parse(startedAt),
    to: endedAt === null ? Date.now() : Date.parse(endedAt),
  });
  return places.syslog({ show: 'search', from: `${name},`, span });
}

function NextSteps({
  run,
  result: { name, state },
  onPrepared,
  children,
}: {
  run: RunView;
  result: ResultView;
  onPrepared: (prepared: PreparedRun) => void;
  children: ReactNode;
}) {
  const navigateTo = useNavigateTo();
  const may = useMay(taskKinds[run.task.kind].role);
  const rest = usePrepareRest();
  const canRetry = may && applianceStates[state].isRest && !isActive(run);
  return (
    <div className={`${layout.stack} ${styles.next}`}>
      {children}
      <div className={form.formActions}>
        <span className={layout.grow} />
        <Button onClick={() => navigateTo(logLines(run, name))}>Log lines</Button>
        <Button onClick={() => navigateTo(places.appliance(name))}>Open {name}</Button>
        {canRetry ? (
          <Button
            kind="primary"
            busy={rest.isPending}
            onClick={() =>
              rest.mutate({ number: run.number }, { onSuccess: ({ prepared }) => onPrepared(prepared) })
            }
          >
            Retry…
          </Button>
        ) : null}
      </div>
    </div>
  );
}
