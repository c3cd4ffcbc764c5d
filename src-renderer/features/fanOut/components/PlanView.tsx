import { useState } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { reasonSchema } from '../../../../src-shared/model/audit/reason.ts';
import {
  formatRun,
  type PlannedAppliance,
  type PreparedRun,
} from '../../../../src-shared/model/fanOut/fleetRun.ts';
import { describeTask } from '../../../../src-shared/model/fanOut/resultText.ts';
import { taskKinds } from '../../../../src-shared/model/fanOut/runOrder.ts';
import { skipReasons } from '../../../../src-shared/model/fanOut/runStates.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { countOf } from '../../../ui/text/countOf.ts';
import { useStart } from '../queries.ts';
import { CommandCard } from './CommandCard.tsx';
import { ProductionTag } from './ProductionTag.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';
import styles from '../fanOut.module.css';

/** What is typed before a change of production. */
const productionWord = 'production';

/** What a prepared run does on each appliance, and the button that starts it. */
export function PlanView({
  prepared,
  appliances,
  onBack,
  onStarted,
}: {
  prepared: PreparedRun;
  appliances: readonly ApplianceView[];
  onBack: () => void;
  onStarted: (number: number) => void;
}) {
  const { task, waves, order, resumes } = prepared;
  const byId = new Map(prepared.appliances.map((one) => [one.applianceId, one]));
  const taking = prepared.appliances.filter(({ skip }) => skip === null);
  const skipped = prepared.appliances.filter(({ skip }) => skip !== null);
  const ends = taking.reduce((sum, one) => sum + one.ends, 0);
  return (
    <>
      <PageHead
        title="Run on many"
        sub={`${visibleLine(describeTask(task))} · ${countOf(taking.length, 'appliance')}${resumes === null ? '' : ` left of ${formatRun(resumes)}`}`}
      />
      <CommandCard
        run={prepared}
        names={prepared.appliances.map(({ name }) => name)}
        isAll={prepared.appliances.length === appliances.length}
        canary={byId.get(order.canaryId ?? '')?.name ?? null}
      >
        <span>
          <b>{taking.length} take part</b>
          {skipped.length > 0 ? `, ${skipped.length} skipped` : ''}
        </span>
        {ends > 0 ? (
          <span className={feedback.word} data-tone="warn">
            ends {countOf(ends, 'session or tunnel')}
          </span>
        ) : null}
      </CommandCard>
      <div className={styles.waves}>
        {waves.map((wave, at) => (
          <section
            key={`${at}${wave.name}`}
            className={styles.wave}
            aria-label={`Wave ${at + 1} ${wave.name}`}
          >
            <p>
              <b>
                {at + 1} {wave.name}
              </b>
            </p>
            {wave.ids.map((id) => {
              const one = byId.get(id);
              return one === undefined ? null : <PlannedTile key={id} planned={one} />;
            })}
          </section>
        ))}
        {skipped.length === 0 ? null : (
          <section className={styles.wave} aria-label="Skipped">
            <p>
              <b>Skipped</b>
              <span className={text.sub}>{skipped.length}, unchanged</span>
            </p>
            {skipped.map(({ applianceId, name, skip, notes }) => (
              <p key={applianceId} className={styles.skipped} title={notes[0]}>
                <b>{name}</b>
                <span
                  className={feedback.word}
                  data-tone={skip === null ? undefined : skipReasons[skip].tone}
                >
                  {skip === null ? '' : skipReasons[skip].word}
                </span>
              </p>
            ))}
          </section>
        )}
      </div>
      <StartForm prepared={prepared} taking={taking} onBack={onBack} onStarted={onStarted} />
    </>
  );
}

function PlannedTile({ planned: { name, isProduction, notes, ends } }: { planned: PlannedAppliance }) {
  return (
    <div className={styles.tile} data-state="not-started">
      <p>
        <b>{name}</b> {isProduction ? <ProductionTag /> : null}
        {ends > 0 ? (
          <span className={feedback.word} data-tone="warn">
            ends {ends}
          </span>
        ) : null}
      </p>
      {notes.map((note) => (
        <small key={note}>{visibleLine(note)}</small>
      ))}
    </div>
  );
}

function StartForm({
  prepared,
  taking,
  onBack,
  onStarted,
}: {
  prepared: PreparedRun;
  taking: readonly PlannedAppliance[];
  onBack: () => void;
  onStarted: (number: number) => void;
}) {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const start = useStart();
  const { isChange } = taskKinds[prepared.task.kind];
  const mustType = isChange && taking.some(({ isProduction }) => isProduction);
  const read = reasonSchema.safeParse(reason);
  const missing =
    taking.length === 0
      ? 'no appliance can take part'
      : isChange && !read.success
        ? 'enter a reason'
        : mustType && typed !== productionWord
          ? `type ${productionWord}`
          : null;
  const verb = `Start on ${countOf(taking.length, 'appliance')}`;
  return (
    <Card title="Start" label="Start">
      <Form
        className={layout.stack}
        onSubmit={() => {
          if (missing !== null) return;
          start.mutate(
            { draftId: prepared.draftId, reason: reason.trim() },
            { onSuccess: ({ run }) => onStarted(run.number) },
          );
        }}
      >
        <TextField
          label={`Reason or ticket (kept in the audit trail${isChange ? '' : ', optional'})`}
          value={reason}
          onChange={setReason}
          placeholder="OPS-4711, requested by the site"
          required={isChange}
          hasInitialFocus
        />
        {mustType ? (
          <TextField
            label={`This changes production: type ${productionWord} to confirm`}
            value={typed}
            onChange={setTyped}
            error={typed !== '' && !productionWord.startsWith(typed) ? 'Doesn’t match.' : undefined}
            machine
          />
        ) : null}
        {start.error === null ? null : <ErrorNotice error={toErrorData(start.error)} />}
        <div className={form.formActions}>
          <span className={layout.grow} />
          <Button onClick={onBack} disabled={start.isPending}>
            Back
          </Button>
          <Button
            kind={isChange ? 'danger' : 'primary'}
            submit
            busy={start.isPending}
            disabled={missing !== null}
          >
            {missing === null ? verb : `${verb}: ${missing}`}
          </Button>
        </div>
      </Form>
    </Card>
  );
}
