import { useState } from 'react';
import { addDays, localDayOf } from '../../../../src-shared/model/licence/calendar.ts';
import { formatWeekday } from '../../../../src-shared/model/licence/dayText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { DateField } from '../../../ui/form/DateField.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { describeNext } from '../labels.ts';
import { useCalendarActions } from '../queries.ts';
import type { LicenceRow } from '../rows.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const suggestedDays = 7;
const maxSnoozeDays = 366;

/** Stops the reminders of a licence until a day. Null closes the dialog. */
export function SnoozeDialog({
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
      title={row === null ? 'Snooze' : `Snooze ${row.name}`}
      size={460}
    >
      {row === null ? null : <SnoozeForm row={row} now={now} onClose={onClose} />}
    </Dialog>
  );
}

function SnoozeForm({ row, now, onClose }: { row: LicenceRow; now: number; onClose: () => void }) {
  const today = localDayOf(now);
  const [until, setUntil] = useState(addDays(today, suggestedDays));
  const [reason, setReason] = useState('');
  const { snooze } = useCalendarActions();
  const { sentence, by } = describeNext(row, now);
  const { next } = row.schedule;
  const passes = next?.day != null && next.day >= today && next.day < until ? next.day : null;
  return (
    <Form
      className={layout.stack}
      onSubmit={() =>
        snooze.mutate(
          { applianceId: row.id, sequence: row.licence?.sequence ?? null, until, reason },
          { onSuccess: onClose },
        )
      }
    >
      <p className={textStyles.sub}>
        {sentence}
        {by === null ? '' : ` ${by}`}. No role is reminded before the day that you choose. The licence and its
        dates stay as they are.
      </p>
      <DateField
        label="Until"
        value={until}
        onChange={setUntil}
        min={addDays(today, 1)}
        max={addDays(today, maxSnoozeDays)}
      />
      {passes === null ? null : (
        <p className={styles.voids}>The date {formatWeekday(passes, now)} passes while this is snoozed.</p>
      )}
      <TextField
        label="Reason"
        value={reason}
        onChange={setReason}
        placeholder="Budget meeting on the 27th decides"
        description="Shown in the calendar with your name, and kept in the audit trail."
        required
      />
      {snooze.error === null ? null : <ErrorNotice error={toErrorData(snooze.error)} />}
      <div className={`${layout.row} ${styles.dialogEnd}`}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          kind="primary"
          submit
          disabled={reason.trim() === '' || until <= today}
          busy={snooze.isPending}
        >
          Snooze
        </Button>
      </div>
    </Form>
  );
}
