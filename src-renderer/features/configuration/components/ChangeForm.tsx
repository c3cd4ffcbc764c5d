import { useState, type ReactNode } from 'react';
import type { ConfigurationChanged } from '../../../../src-shared/contract/configuration.ts';
import { reasonSchema } from '../../../../src-shared/model/audit/reason.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { applianceColours } from '../../../../src-shared/model/appliance/tags.ts';
import type { StatedCause } from '../../../../src-shared/model/configuration/configurationArgv.ts';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { quoteArgv } from '../../../../src-shared/base/quoteArgv.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { CommandLine } from '../../../ui/text/Machine.tsx';
import { useConsoleInfo } from '../../system/queries.ts';
import { isRefusal } from '../../tenants/changes/useChange.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { describeResult, type ChangeKind } from '../labels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** A change that runs: the state of its mutation. */
export type RunningChange = { isPending: boolean; error: unknown; submittedAt: number };

/** The command, its consequences and the reason for a change, and the button that runs it. */
export function ChangeForm({
  entry,
  shown: { keepsCause },
  argvOf,
  verb,
  blocked,
  change,
  onRun,
  onCancel,
  readAgain,
  children,
}: {
  entry: ApplianceEntry;
  shown: Pick<ConfigurationShow, 'keepsCause'>;
  argvOf: (stated: StatedCause) => readonly string[];
  verb: string;
  /** What must be done before the change can run; null if nothing. */
  blocked: string | null;
  change: RunningChange;
  onRun: (reason: string) => void;
  onCancel?: () => void;
  readAgain: () => void;
  children: ReactNode;
}) {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const operator = useConsoleInfo().data?.operator;
  const read = reasonSchema.safeParse(reason);
  const stated =
    keepsCause === undefined
      ? null
      : { name: operator ?? 'OPERATOR', reason: read.success ? read.data : 'REASON' };
  const mustTypeName = applianceColours[entry.colour].isProduction === true;
  const missing =
    blocked ??
    (read.success ? (mustTypeName && typed !== entry.name ? 'type the name' : null) : 'enter a reason');
  return (
    <Form
      className={layout.stack}
      onSubmit={() => {
        if (missing === null && read.success && !change.isPending) onRun(read.data);
      }}
    >
      <p className={textStyles.sub}>
        Runs on <span className={textStyles.strong}>{entry.name}</span> as {visibleLine(entry.target.user)},{' '}
        {entry.sudo === 'none' ? 'without sudo' : 'over sudo'}:
      </p>
      <CommandLine text={quoteArgv(argvOf(stated))} label="Command" />
      {children}
      <TextField
        label={`Reason or ticket (kept in the audit trail${keepsCause === undefined ? '' : ` and on ${entry.name}`})`}
        value={reason}
        onChange={setReason}
        placeholder="OPS-4711, requested by the site"
        required
      />
      {mustTypeName ? (
        <TextField
          label={`Production: type ${entry.name} to confirm`}
          value={typed}
          onChange={setTyped}
          error={typed !== '' && !entry.name.startsWith(typed) ? 'Doesn’t match.' : undefined}
          machine
        />
      ) : null}
      {change.error === null ? null : (
        <ChangeError thrown={change.error} entry={entry} readAgain={readAgain} />
      )}
      <div className={form.formActions}>
        <span className={`${textStyles.sub} ${layout.grow}`} aria-live="polite">
          {change.isPending ? (
            <>
              Running on {entry.name}, then reading back:{' '}
              <Ago at={new Date(change.submittedAt).toISOString()} exact />
            </>
          ) : null}
        </span>
        {onCancel === undefined ? null : (
          <Button onClick={onCancel} disabled={change.isPending}>
            Cancel
          </Button>
        )}
        <Button kind="danger" submit busy={change.isPending} disabled={missing !== null}>
          {missing === null ? verb : `${verb}: ${missing}`}
        </Button>
      </div>
    </Form>
  );
}

/** A change that threw. Unless the console knows that nothing was changed, its result is unknown. */
function ChangeError({
  thrown,
  entry,
  readAgain,
}: {
  thrown: unknown;
  entry: ApplianceEntry;
  readAgain: () => void;
}) {
  const error: ErrorData = toErrorData(thrown);
  if (error.code === 'CONFLICT')
    return (
      <div className={feedback.notice} role="alert" data-tone="warn">
        <span className={layout.grow}>
          The configuration on {entry.name} changed after it was read. Nothing was changed by this console.
        </span>
        <Button small onClick={readAgain}>
          Read again
        </Button>
      </div>
    );
  return (
    <>
      <ErrorNotice error={error} />
      <p className={textStyles.sub}>
        {isRefusal(thrown)
          ? 'Nothing was changed.'
          : `It is unknown which configuration ${entry.name} has. Read it again before you repeat the change.`}
      </p>
    </>
  );
}

/** The result of a change, in plain words. Green only if the new configuration was read back. */
export function ChangeResult({
  changed,
  entry,
  kind,
  onClose,
  readAgain,
}: {
  changed: ConfigurationChanged;
  entry: ApplianceEntry;
  kind: ChangeKind;
  onClose: () => void;
  readAgain: () => void;
}) {
  const { title, text, tone } = describeResult(changed, entry.name, kind);
  return (
    <div className={layout.stack} aria-live="polite">
      <p>
        <span className={feedback.chip} data-tone={tone}>
          {title}
        </span>
      </p>
      <p>{text}</p>
      <div className={form.formActions}>
        <span className={layout.grow} />
        {tone === 'ok' ? null : <Button onClick={readAgain}>Read again</Button>}
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}
