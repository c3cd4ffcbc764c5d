import { useMemo, useState } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { formatRun, type PreparedRun } from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { describeRunState, describeTask } from '../../../../src-shared/model/fanOut/resultText.ts';
import { taskKinds } from '../../../../src-shared/model/fanOut/runOrder.ts';
import { applianceStates, applianceStateSchema } from '../../../../src-shared/model/fanOut/runStates.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { useViewState } from '../../../state/navigate.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { countOf } from '../../../ui/text/countOf.ts';
import { usePrepare, useRuns } from '../queries.ts';
import { placeOfRun, runView } from '../runAddress.ts';
import { ApplianceChoice } from './ApplianceChoice.tsx';
import { OrderFields } from './OrderFields.tsx';
import { TaskFields } from './TaskFields.tsx';
import { emptyChoice, readOrderChoice, readTask, type OrderChoice, type TaskChoice } from '../choices.ts';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';
import styles from '../fanOut.module.css';

/** Chooses what to run on which appliances, and plans it. */
export function NewRun({
  appliances,
  onPrepared,
}: {
  appliances: readonly ApplianceView[];
  onPrepared: (prepared: PreparedRun) => void;
}) {
  const [{ on }, changeView] = useViewState(runView);
  const [task, setTask] = useState<TaskChoice>(emptyChoice);
  const [order, setOrder] = useState<OrderChoice>({});
  const chosen = useMemo(() => new Set(on.split(',')), [on]);
  const entries = useMemo(
    () => appliances.map(({ entry }) => entry).filter(({ name }) => chosen.has(name)),
    [appliances, chosen],
  );
  const prepare = usePrepare();
  const read = readTask(task);
  const readOrder = read.task === null ? null : readOrderChoice(order, read.task, entries);
  const missing = entries.length === 0 ? 'choose appliances' : (read.problem ?? readOrder?.problem ?? null);
  const submit = (): void => {
    if (missing !== null || read.task === null || readOrder?.order == null) return;
    prepare.mutate(
      { task: read.task, applianceIds: entries.map(({ id }) => id), order: readOrder.order },
      { onSuccess: ({ prepared }) => onPrepared(prepared) },
    );
  };
  const isChange = taskKinds[task.kind].isChange;
  return (
    <>
      <PageHead title="Run on many" sub={countOf(entries.length, 'appliance') + ' selected'} />
      <Form className={styles.columns} onSubmit={submit}>
        <Card title="What to run" label="What to run">
          <TaskFields task={task} onChange={setTask} />
        </Card>
        <ApplianceChoice
          appliances={appliances}
          chosen={chosen}
          onChange={(names) => changeView({ on: names.join(',') })}
        />
        <div className={layout.stack}>
          <Card title="Order" label="Order">
            <OrderFields kind={task.kind} order={order} entries={entries} onChange={setOrder} />
          </Card>
          {prepare.error === null ? null : <ErrorNotice error={toErrorData(prepare.error)} />}
          <div className={layout.row}>
            <Button kind="primary" submit busy={prepare.isPending} disabled={missing !== null}>
              {missing === null
                ? isChange
                  ? 'Plan'
                  : 'Continue'
                : `${isChange ? 'Plan' : 'Continue'}: ${missing}`}
            </Button>
            <span className={text.sub} aria-live="polite">
              {prepare.isPending && isChange ? 'Asking each appliance what it would change…' : ''}
            </span>
          </div>
        </div>
        <KeptRuns />
      </Form>
    </>
  );
}

function KeptRuns() {
  const runs = useRuns();
  return (
    <Card title="Runs" label="Runs">
      <Loaded
        query={runs}
        skeleton={<Skeleton />}
        empty={<p className={text.sub}>No runs yet. The last 50 are kept here.</p>}
      >
        {(known) => (
          <PlainList label="Runs">
            {known.map((run) => (
              <li key={run.number} className={styles.keptRun}>
                <PlaceLink to={placeOfRun(run.number)}>{formatRun(run.number)}</PlaceLink>
                <span className={text.clip}>
                  {visibleLine(describeTask(run.task))}
                  <small>
                    {describeRunState(run)}:{' '}
                    {applianceStateSchema.options
                      .flatMap((state) => {
                        const count = run.counts[state] ?? 0;
                        return count === 0 ? [] : [`${count} ${applianceStates[state].word}`];
                      })
                      .join(', ')}
                  </small>
                </span>
                <Ago at={run.startedAt} />
              </li>
            ))}
          </PlainList>
        )}
      </Loaded>
    </Card>
  );
}
