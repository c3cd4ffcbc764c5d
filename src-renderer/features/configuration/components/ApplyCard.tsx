import { useMemo } from 'react';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { configurationArgv } from '../../../../src-shared/model/configuration/configurationArgv.ts';
import {
  compareConfigurations,
  markedTextOf,
} from '../../../../src-shared/model/configuration/configurationChanges.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { useLockReason } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import type { Draft } from '../draft.ts';
import { checkResults } from '../labels.ts';
import { countOf } from '../../../ui/text/countOf.ts';
import type { useApplyConfiguration } from '../queries.ts';
import { ChangeForm, ChangeResult } from './ChangeForm.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import textStyles from '../../../ui/text/text.module.css';

type ApplyProps = {
  entry: ApplianceEntry;
  shown: ConfigurationShow;
  draft: Draft | null;
  /** The appliance's file changed after the draft was begun. */
  isStale: boolean;
  /** The page has checked this text of the draft. */
  isChecked: boolean;
  errors: number;
  /** The appliance's answer about this very draft; null if it was not asked. */
  checked: ConfigurationOutput | null;
  checkError: unknown;
  apply: ReturnType<typeof useApplyConfiguration>;
  readAgain: () => void;
  /** Compares the draft with a kept version. */
  onCompare: (number: number) => void;
};

const applied = { title: 'Applied', content: 'the new configuration' };

/** The plan of the draft, its result, or what to do before there is one. */
export function ApplyCard(props: ApplyProps) {
  const { entry, shown, draft, checkError, apply, readAgain } = props;
  const mayApply = useMay('admin');
  // A later change makes “it has the new configuration” wrong. The content before it may be an old reading.
  const isPast =
    apply.data?.readBack === 'same' &&
    shown.digest !== apply.data.output.digest &&
    shown.digest !== apply.variables?.unchangedSince;
  const title = `Apply to ${entry.name}`;
  return (
    <Card title={title} label={title}>
      {apply.data !== undefined && !isPast ? (
        <ChangeResult
          changed={apply.data}
          entry={entry}
          kind={applied}
          onClose={apply.reset}
          readAgain={readAgain}
        />
      ) : draft === null ? (
        <p className={textStyles.sub}>No draft. Press Edit to change the configuration, or open a file.</p>
      ) : (
        <>
          {checkError === null ? null : <ErrorNotice error={toErrorData(checkError)} />}
          <CheckResult {...props} />
          {mayApply ? (
            <ApplyForm {...props} draft={draft} />
          ) : (
            <p className={textStyles.sub}>Only an admin can apply the draft.</p>
          )}
        </>
      )}
    </Card>
  );
}

function CheckResult({ entry, checked }: ApplyProps) {
  if (checked === null) return null;
  return (
    <output className={feedback.word} data-tone={checked.outcome === 'refused' ? 'bad' : undefined}>
      Checked: {entry.name} {checkResults[checked.outcome]}
      {checked.outcome === 'acceptable' ? `, with ${countOf(checked.changes.length, 'changed key')}` : ''}.
    </output>
  );
}

function ApplyForm({
  entry,
  shown,
  draft,
  isStale,
  isChecked,
  errors,
  apply,
  readAgain,
  onCompare,
}: ApplyProps & { draft: Draft }) {
  const lockReason = useLockReason(entry.id);
  const changes = useMemo(
    () => compareConfigurations(markedTextOf(shown), { text: draft.text, marks: draft.basis.marks }),
    [shown, draft],
  );
  const installed = shown.versions.find(({ isInstalled }) => isInstalled)?.number ?? null;
  const lastApplied = shown.versions.find(({ origin }) => origin !== 'found');
  const unchangedSince = draft.basis.digest;
  const blocked =
    lockReason !== null
      ? 'the appliance is read-only'
      : errors > 0
        ? `fix ${countOf(errors, 'error')}`
        : isStale
          ? 'decide about the draft'
          : draft.text === shown.text
            ? 'nothing changed'
            : isChecked
              ? null
              : 'checking the draft';
  return (
    <ChangeForm
      entry={entry}
      shown={shown}
      argvOf={(stated) => configurationArgv.update({ unchangedSince, stated })}
      verb="Apply"
      blocked={blocked}
      change={apply}
      readAgain={readAgain}
      onRun={(reason) => apply.mutate({ applianceId: entry.id, text: draft.text, unchangedSince, reason })}
    >
      <Facts
        facts={[
          [
            'Changes',
            changes.length > 0
              ? changes.map(({ path }) => visibleLine(path)).join(', ')
              : draft.text === shown.text
                ? 'nothing'
                : 'no value; only comments or the layout',
          ],
          ['Restarts', 'nothing: the command replaces the file. Restart the services that read it.'],
          [
            'Undo',
            installed === null
              ? 'The appliance keeps the present configuration as a version. Roll back to it.'
              : `Roll back to version ${installed}.`,
          ],
          ['If it fails', 'The present configuration is restored if the read-back differs.'],
        ]}
      />
      {shown.drift === null ? null : (
        <p className={feedback.word} data-tone="warn">
          ! The file was changed on the appliance without its commands (
          {shown.drift.changes.map(({ path }) => visibleLine(path)).join(', ') || 'comments or layout'}).
          Those changes are in your draft and stay.{' '}
          {lastApplied === undefined ? null : (
            <button
              type="button"
              className={textStyles.linkButton}
              onClick={() => onCompare(lastApplied.number)}
            >
              Compare and restore
            </button>
          )}
        </p>
      )}
    </ChangeForm>
  );
}
