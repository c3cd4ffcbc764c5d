import { useState } from 'react';
import { workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import { formatWeekday } from '../../../../src-shared/model/licence/dayText.ts';
import type { MarkedStep } from '../../../../src-shared/model/licence/licenceWork.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { useCalendarActions } from '../queries.ts';
import type { LicenceRow, ScheduledDate } from '../rows.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Marks the steps that only people know to be done. Null closes the dialog. */
export function StepsDialog({
  row,
  now,
  onClose,
}: {
  row: LicenceRow | null;
  now: number;
  onClose: () => void;
}) {
  return (
    <Dialog
      opened={row !== null}
      onClose={onClose}
      title={row === null ? 'Steps' : `Steps of ${row.name}`}
      size={520}
    >
      {row === null ? null : (
        <div className={layout.stack}>
          <p className={textStyles.sub}>
            A step that is done is shown as ✓, and no one is reminded of it. The next licence starts again.
          </p>
          {row.schedule.dates.map((date) =>
            date.step === 'quote' || date.step === 'order' ? (
              <MarkedStepForm key={date.step} row={row} date={date} step={date.step} now={now} />
            ) : null,
          )}
          <div className={`${layout.row} ${styles.dialogEnd}`}>
            <Button onClick={onClose}>Close</Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function MarkedStepForm({
  row,
  date,
  step,
  now,
}: {
  row: LicenceRow;
  date: ScheduledDate;
  step: MarkedStep;
  now: number;
}) {
  const [note, setNote] = useState('');
  const { markStep } = useCalendarActions();
  const mark = (isDone: boolean) =>
    markStep.mutate({
      applianceId: row.id,
      sequence: row.licence?.sequence ?? null,
      step,
      isDone,
      note: isDone ? note : '',
    });
  const { label } = workSteps[step];
  const { done } = date;
  return (
    <Form className={styles.markedStep} onSubmit={() => mark(true)}>
      <h3>
        {label} <span className={textStyles.sub}>by {formatWeekday(date.day, now)}</span>
      </h3>
      {done === null ? (
        <div className={styles.markedFields}>
          <TextField label={`Note on “${label}”`} value={note} onChange={setNote} placeholder="PO 88140" />
          <Button submit busy={markStep.isPending} label={`Mark as done: ${label}`}>
            Mark as done
          </Button>
        </div>
      ) : (
        <div className={layout.row}>
          <span className={layout.grow}>
            ✓ Done by {done.by}, <Moment at={done.at} />
            {done.note === '' ? '' : `: ${done.note}`}
          </span>
          <Button onClick={() => mark(false)} busy={markStep.isPending} label={`Undo: ${label}`}>
            Undo
          </Button>
        </div>
      )}
      {markStep.error === null ? null : <ErrorNotice error={toErrorData(markStep.error)} />}
    </Form>
  );
}
