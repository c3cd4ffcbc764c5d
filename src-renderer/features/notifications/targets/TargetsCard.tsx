import { useState } from 'react';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { targetKinds, type TargetState } from '../../../../src-shared/model/notifications/targets.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { useMay } from '../../system/queries.ts';
import { TargetForm } from './TargetForm.tsx';
import { useChangeTargets, useTargets, useTestTargets } from './useTargets.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Where `sallyport watch` sends notifications while no page is open. */
export function TargetsCard() {
  const targets = useTargets();
  return (
    <Card title="Notifications without a page" label="Notifications without a page">
      <Loaded query={targets} skeleton={<Skeleton lines={3} />}>
        {(data) => <Targets {...data} />}
      </Loaded>
    </Card>
  );
}

function Targets({ targets, isRunning }: { targets: readonly TargetState[]; isRunning: boolean }) {
  const mayChange = useMay('admin');
  const test = useTestTargets();
  const [isAdding, setIsAdding] = useState(false);
  const results = new Map(test.data?.results.map(({ name, problem }) => [name, problem]));
  return (
    <div className={layout.stack}>
      <p className={textStyles.sub}>
        {isRunning ? (
          'sallyport watch runs and sends notifications to these targets.'
        ) : (
          <>
            Nothing is sent now. Run <code>sallyport watch</code> on this computer.
          </>
        )}
      </p>
      {targets.length === 0 ? (
        <p>No targets yet.</p>
      ) : (
        <PlainList label="Targets">
          {targets.map((state) => (
            <TargetItem
              key={state.target.id}
              state={state}
              mayChange={mayChange}
              tested={results.get(state.target.name)}
            />
          ))}
        </PlainList>
      )}
      {test.error === null ? null : <ErrorNotice error={toErrorData(test.error)} />}
      {isAdding ? (
        <TargetForm onDone={() => setIsAdding(false)} />
      ) : mayChange ? (
        <div className={layout.row}>
          <Button onClick={() => setIsAdding(true)}>Add target…</Button>
          <Button
            disabled={targets.length === 0}
            busy={test.isPending}
            onClick={() => test.mutate({ names: [] })}
          >
            Send a test notification
          </Button>
        </div>
      ) : (
        <p className={textStyles.sub}>Only an admin may change this.</p>
      )}
    </div>
  );
}

function TargetItem({
  state,
  mayChange,
  tested,
}: {
  state: TargetState;
  mayChange: boolean;
  /** Undefined before a test; null if the target took it. */
  tested: { code: string; message: string } | null | undefined;
}) {
  const change = useChangeTargets();
  const { target, sent, waiting, lost, lastSentAt, problem } = state;
  const { name, kind, address, addressFile } = target;
  const counts = [
    `${sent} sent`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
  ];
  return (
    <li className={layout.stack}>
      <div className={layout.row}>
        <b>{name}</b>
        <span className={`${textStyles.sub} ${textStyles.clip}`}>{targetKinds[kind].label}</span>
        <span className={layout.grow} />
        {mayChange ? (
          <Button
            small
            kind="quiet"
            label={`Remove ${name}`}
            busy={change.isPending}
            onClick={() => change.mutate((targets) => targets.removeTarget({ name }))}
          >
            ✕
          </Button>
        ) : null}
      </div>
      {kind === 'desktop' ? null : (
        <code className={textStyles.clip}>
          {visibleLine(addressFile === null ? address : `from ${addressFile}`)}
        </code>
      )}
      <span className={textStyles.sub}>
        {counts.join(', ')}
        {lastSentAt === null ? null : (
          <>
            {' '}
            · last <Ago at={lastSentAt} isSentence />
          </>
        )}
      </span>
      {problem === null ? null : (
        <span className={feedback.word} data-tone="bad">
          {visibleLine(problem.message)} (<Ago at={problem.at} isSentence />)
        </span>
      )}
      {tested === undefined ? null : (
        <output className={feedback.word} data-tone={tested === null ? 'ok' : 'bad'}>
          {tested === null ? 'Took the test notification' : `Test: ${visibleLine(tested.message)}`}
        </output>
      )}
      {change.error === null ? null : <ErrorNotice error={toErrorData(change.error)} />}
    </li>
  );
}
