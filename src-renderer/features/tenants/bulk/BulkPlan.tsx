import { useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { endsWords } from '../changes/labels.ts';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { PlanEnds, PlanUndo } from '../changes/PlanParts.tsx';
import { type BulkKind, bulkKinds, type BulkRequest } from './bulkRequest.ts';
import type { BulkChange, BulkStep, PlannedRow, RefusedRow } from './useBulkChange.ts';
import styles from './bulk.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

type Planned = Extract<BulkStep, { step: 'planned' }>;

function countEnds(rows: readonly PlannedRow[]): string {
  const ends = rows.flatMap(({ plan }) => plan.ends);
  const tunnels = ends.filter(({ port }) => port !== null).length;
  if (ends.length === 0) return 'ends no sessions';
  return tunnels === 0
    ? `ends ${ends.length} session${ends.length === 1 ? '' : 's'}`
    : `ends ${tunnels} tunnel${tunnels === 1 ? '' : 's'}`;
}

function countTenants(count: number): string {
  return count === 1 ? '1 tenant' : `${count} tenants`;
}

function RowPlan({ row: { plan, tenant } }: { row: PlannedRow }) {
  return (
    <li aria-label={tenant.clientId}>
      <div className={styles.head}>
        <b className={text.mono}>{tenant.clientId}</b>
        <span className={text.sub}>on {visibleText(tenant.applianceName)}</span>
        <span className={layout.grow} />
        <span className={feedback.chip} data-tone={plan.ends.length === 0 ? undefined : 'warn'}>
          {endsWords(plan)}
        </span>
      </div>
      {plan.commands.map((command) => (
        <CommandLine key={command.text} text={command.text} label={`Command for ${tenant.clientId}`} />
      ))}
      <PlanEnds plan={plan} />
      {plan.warnings.map((warning) => (
        <p key={warning} className={feedback.word} data-tone="warn">
          ! {visibleText(warning)}
        </p>
      ))}
      <PlanUndo plan={plan} />
    </li>
  );
}

function Refused({ rows }: { rows: readonly RefusedRow[] }) {
  if (rows.length === 0) return null;
  return (
    <div className={feedback.notice} role="alert" data-tone="warn">
      <div className={`${layout.stack} ${layout.tight}`}>
        <p>
          {rows.length === 1
            ? 'This tenant will be skipped:'
            : `These ${rows.length} tenants will be skipped:`}
        </p>
        <PlainList>
          {rows.map(({ tenant, error }) => (
            <li key={`${tenant.applianceId}/${tenant.clientId}`}>
              <b className={text.mono}>{tenant.clientId}</b> <span className={text.faint}>{error.code}</span>{' '}
              {visibleText(error.message)}
            </li>
          ))}
        </PlainList>
      </div>
    </div>
  );
}

/** The summary of the plan and its buttons. The button is red if the change ends sessions or tunnels. */
function PlanEnd({
  kind,
  rows,
  isReady,
  onClose,
}: {
  kind: BulkKind;
  rows: readonly PlannedRow[];
  isReady: boolean;
  onClose: () => void;
}) {
  const { verb, isDestructive } = bulkKinds[kind];
  const isFinal = isDestructive || rows.some(({ plan }) => plan.ends.length > 0);
  return (
    <div className={form.formActions}>
      <span className={`${layout.grow} ${feedback.word}`} data-tone={isFinal ? 'warn' : undefined}>
        {rows.length === 0
          ? 'None of the selected tenants can be changed.'
          : `${countTenants(rows.length)}, ${countEnds(rows)}`}
      </span>
      <Button onClick={onClose}>Cancel</Button>
      {rows.length === 0 ? null : (
        <Button
          kind={isFinal ? 'danger' : 'primary'}
          submit
          disabled={!isReady}
          {...(isReady ? {} : { title: 'Enter a reason' })}
        >
          {verb} {countTenants(rows.length)}
        </Button>
      )}
    </div>
  );
}

/** What the change ends for each tenant, and the field for the reason. */
export function BulkPlan({
  request,
  change,
  planned,
  onClose,
}: {
  request: BulkRequest;
  change: BulkChange;
  planned: Planned;
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const { rows, refused } = planned;
  const isReady = reason.trim() !== '' && rows.length > 0;
  return (
    <Form
      className={layout.stack}
      onSubmit={() => {
        if (isReady) change.apply(rows, reason.trim());
      }}
    >
      <p className={text.sub}>
        {rows.length > 1 ? 'Tenants are changed one at a time. The run stops at the first failure. ' : ''}
        The change affects the whole tenant and all its tunnels.
      </p>
      <Refused rows={refused} />
      <ul className={styles.plans} aria-label="Plans" data-plan="">
        {rows.map((row) => (
          <RowPlan key={`${row.tenant.applianceId}/${row.tenant.clientId}`} row={row} />
        ))}
      </ul>
      {rows.length === 0 ? null : (
        <TextField
          label="Reason or ticket (kept in the audit trail)"
          value={reason}
          onChange={(typed) => setReason(typed.slice(0, 500))}
          placeholder="OPS-4711, requested by the customer"
          required
          hasInitialFocus
        />
      )}
      <PlanEnd kind={request.kind} rows={rows} isReady={isReady} onClose={onClose} />
    </Form>
  );
}
