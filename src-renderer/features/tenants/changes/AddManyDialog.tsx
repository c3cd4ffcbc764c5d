import { CommandLine } from '../../../ui/text/Machine.tsx';
import { useMemo, useState } from 'react';
import { findFirstWithoutPorts } from '../../../../src-shared/model/tenants/allocation.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import {
  defaultQuota,
  firstPort,
  lastPort,
  portCount,
  type PortRange,
} from '../../../../src-shared/model/tenants/ports.ts';
import { holdsPrivateKey } from '../../../../src-shared/model/tenants/publicKey.ts';
import {
  maxTenantCsv,
  readTenantCsv,
  sampleTenantCsv,
  type TenantCsvRow,
} from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { CheckField, SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { FileField } from '../../../ui/form/FileField.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { saveText } from '../../../ui/text/saveText.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { useAppliances, useTenants } from '../../fleet/queries.ts';
import { useApplianceChoice } from './AddTenantDialog.tsx';
import { ManyRows } from './ManyRows.tsx';
import { ManyEnd } from './ManyEnd.tsx';
import { useAddMany } from './useAddMany.ts';
import { useChange } from './useChange.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Adds many tenants from a file: what it holds, whether it fits, a reason, then one after the other. */
export function AddManyDialog(props: { opened: boolean; applianceId: string | null; onClose: () => void }) {
  const many = useAddMany();
  const close = (): void => {
    if (many.run.phase === 'running') return;
    many.reset();
    props.onClose();
  };
  return (
    <Dialog opened={props.opened} onClose={close} title="Import tenants from CSV" size={820}>
      {props.opened ? <AddManyRequest applianceId={props.applianceId} many={many} onClose={close} /> : null}
    </Dialog>
  );
}

/** The rows with what the appliance's last answer has against them, and the ports that its tenants have by it. */
function useCheckedRows(text: string, applianceId: string) {
  const file = useMemo(() => (text.trim() === '' ? null : readTenantCsv(text)), [text]);
  const { data } = useTenants({ applianceId, enabled: applianceId !== '' });
  // Until this appliance's are read, those of the one before stand there.
  const own = useMemo(
    () => data?.tenants.filter((view) => view.applianceId === applianceId) ?? [],
    [data, applianceId],
  );
  const rows = useMemo(() => {
    const names = new Set(own.map((view) => view.tenant.clientId));
    return (file?.rows ?? []).map((row): TenantCsvRow => {
      if (!names.has(row.clientId)) return row;
      return { ...row, problems: [...row.problems, 'a tenant with this name already exists'] };
    });
  }, [file, own]);
  const taken = useMemo(() => own.flatMap(({ tenant }) => tenant.ports), [own]);
  return { file, rows, taken };
}

function AddManyRequest(props: {
  applianceId: string | null;
  many: ReturnType<typeof useAddMany>;
  onClose: () => void;
}) {
  const { many } = props;
  const { options, applianceId, choose } = useApplianceChoice(props.applianceId);
  const [text, setText] = useState('');
  const [refused, setRefused] = useState<string | null>(null);
  const [leavesOut, setLeavesOut] = useState(false);
  const [reason, setReason] = useState('');
  const { file, rows, taken } = useCheckedRows(text, applianceId);
  const good = useMemo(() => rows.filter((row) => row.problems.length === 0), [rows]);
  const bad = rows.length - good.length;
  const room = useRoom({ applianceId, rows: good, taken });
  const first = useChange();
  const [firstRow] = good;
  const plan = first.step.step === 'planned' ? first.step.plan : null;
  const isPlanned = plan !== null;
  // Listed since the appliance's last answer: a row never adds a key to an existing tenant.
  const isExisting = isPlanned && plan.before !== null;

  const alter = (change: () => void): void => {
    change();
    first.reset();
    many.reset();
  };
  if (many.run.phase !== 'idle') {
    return <ManyEnd many={many} onClose={props.onClose} onBack={() => alter(() => setReason(''))} />;
  }

  const canPlan =
    firstRow !== undefined &&
    applianceId !== '' &&
    (bad === 0 || leavesOut) &&
    (room?.fits ?? true) &&
    !isExisting;
  const submit = (): void => {
    if (!canPlan) return;
    if (isPlanned) {
      if (reason.trim() !== '')
        many.start({ applianceId: plan.applianceId, reason: reason.trim(), rows: good });
      return;
    }
    const { clientId, publicKey, quota } = firstRow;
    first.plan(applianceId, { kind: 'add', clientId, key: { from: 'given', publicKey }, quota });
  };
  return (
    <Form className={form.form} onSubmit={submit}>
      {options.length > 1 ? (
        <SelectField
          label="Appliance"
          value={applianceId}
          onChange={(id) => alter(() => choose(id))}
          options={options}
        />
      ) : null}
      <FileField
        label="CSV"
        value={text}
        onText={(next) =>
          alter(() => {
            const isKey = holdsPrivateKey(next);
            setRefused(
              isKey
                ? 'The file contains a private key. It was discarded. A CSV must hold public keys only.'
                : null,
            );
            setText(isKey ? '' : next);
          })
        }
        onRefused={setRefused}
        maxBytes={maxTenantCsv}
        accept=".csv,text/csv,text/plain"
        placeholder="client_id,public_key,quota"
        description="First line: client_id, public_key and optionally quota. At most 200 tenants."
        error={refused ?? file?.problem ?? undefined}
        rows={file === null ? 5 : 2}
        hasInitialFocus
      />
      {file === null ? (
        <div>
          <Button
            small
            onClick={() =>
              saveText({ name: 'tenants.csv', type: 'text/csv;charset=utf-8', text: sampleTenantCsv })
            }
          >
            Save a sample CSV
          </Button>
        </div>
      ) : null}
      {rows.length === 0 ? null : <ManyRows rows={rows} run={many.run} />}
      {file === null || file.ignored.length === 0 ? null : (
        <p className={textStyles.sub}>Ignored columns: {visibleText(file.ignored.join(', '))}</p>
      )}
      {rows.length === 0 ? null : (
        <p data-testid="many-capacity">
          {good.length} of {rows.length} can be added{bad === 0 ? '' : `, ${bad} can’t`}.{' '}
          {room === null ? null : (
            <span className={feedback.word} data-tone={room.fits ? 'off' : 'bad'}>
              {room.text}
            </span>
          )}
        </p>
      )}
      {bad > 0 && good.length > 0 ? (
        <CheckField
          label={bad === 1 ? 'Skip the row that can’t be added' : `Skip the ${bad} rows that can’t be added`}
          checked={leavesOut}
          onChange={(on) => alter(() => setLeavesOut(on))}
        />
      ) : null}
      {first.step.step === 'refused' ? <ErrorNotice error={first.step.error} /> : null}
      {isExisting ? (
        <p className={form.kitError} role="alert">
          {firstRow?.clientId} already exists on the appliance. Remove it from the file.
        </p>
      ) : null}
      {many.run.refusal === null ? null : <ErrorNotice error={many.run.refusal} />}
      {isPlanned ? (
        <>
          <div className={`${layout.stack} ${layout.tight}`}>
            <p className={textStyles.sub}>
              Runs on <span className={textStyles.strong}>{visibleText(plan.applianceName)}</span> as{' '}
              {visibleText(plan.runsAs)}, once per row, in order. Stops at the first failure. The first
              command:
            </p>
            {plan.commands.map((command) => (
              <CommandLine key={command.text} text={command.text} label="Command" />
            ))}
            <p className={textStyles.sub}>No connection is closed. To undo, remove the new tenants.</p>
          </div>
          <TextField
            label="Reason or ticket (kept in the audit trail)"
            value={reason}
            onChange={(next) => setReason(next.slice(0, 500))}
            required
            hasInitialFocus
          />
        </>
      ) : null}
      <div className={form.formActions}>
        <span className={layout.grow} />
        <Button onClick={props.onClose}>Cancel</Button>
        <Button
          kind="primary"
          submit
          busy={first.step.step === 'planning'}
          disabled={!canPlan || (isPlanned && reason.trim() === '')}
        >
          {isPlanned ? `Add ${good.length} tenant${good.length === 1 ? '' : 's'}` : 'Show plan'}
        </Button>
      </div>
    </Form>
  );
}

/** Whether the rows fit into what is free, as far as that is known. */
function useRoom({
  applianceId,
  rows,
  taken,
}: {
  applianceId: string;
  rows: readonly TenantCsvRow[];
  taken: readonly PortRange[];
}) {
  const squeezed = useMemo(() => {
    const quotas = rows.map((row) => row.quota ?? defaultQuota);
    const index = findFirstWithoutPorts({ within: { first: firstPort, last: lastPort }, taken, quotas });
    return index === null ? null : (rows[index] ?? null);
  }, [rows, taken]);
  const ports = useAppliances().find((view) => view.entry.id === applianceId)?.ports ?? null;
  if (ports === null) return null;
  const needed = rows.reduce((sum, row) => sum + (row.quota ?? defaultQuota), 0);
  const free = portCount - ports.allotted;
  if (needed > free)
    return { fits: false, text: `These tenants need ${needed} ports, and only ${free} are free.` };
  if (squeezed !== null)
    return {
      fits: false,
      text: `These tenants need ${needed} of the ${free} ports that are free, but no free block is large enough for ${squeezed.clientId}.`,
    };
  return { fits: true, text: `These tenants take ${needed} of the ${free} ports that are free.` };
}
