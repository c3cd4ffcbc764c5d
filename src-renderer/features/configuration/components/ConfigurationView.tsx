import { useMemo, useState, type ReactNode } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import {
  compareConfigurations,
  markedTextOf,
} from '../../../../src-shared/model/configuration/configurationChanges.ts';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { maxConfigurationBytes } from '../../../../src-shared/model/configuration/configurationLimits.ts';
import { restoreKey } from '../../../../src-shared/model/configuration/restoreKey.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { notify } from '../../../ui/feedback/notify.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { OpenFileButton, readTextFile } from '../../../ui/form/OpenFileButton.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { useValueToCheck } from '../../../ui/layout/useSettled.ts';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { ApplianceMarks } from '../../fleet/components/ApplianceMarks.tsx';
import { useMay } from '../../system/queries.ts';
import { checkDraft, placeProblems } from '../checkDraft.ts';
import { describeDrift } from '../labels.ts';
import { discardDraft, setDraft, useDraft, type Draft } from '../draft.ts';
import { useApplyConfiguration, useCheckConfiguration } from '../queries.ts';
import { ApplyCard } from './ApplyCard.tsx';
import { ChangesCard, type Compared } from './ChangesCard.tsx';
import { EditorCard } from './EditorCard.tsx';
import { StaleDraft } from './StaleDraft.tsx';
import { VersionsCard } from './VersionsCard.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../configuration.module.css';

type Present = { shown: ConfigurationShow; readAt: string };

/** Findings of the draft: those of the page, and those of the appliance if it checked this very text. */
function useFindings(
  draft: Draft | null,
  presentText: string,
  check: ReturnType<typeof useCheckConfiguration>,
) {
  const draftText = draft?.text ?? null;
  const own = useMemo(
    () => (draftText === null ? [] : checkDraft(draftText, presentText)),
    [draftText, presentText],
  );
  const checked =
    check.data !== undefined &&
    check.variables.text === draftText &&
    check.variables.unchangedSince === draft?.basis.digest
      ? check.data.output
      : null;
  const ofAppliance = useMemo(
    () => (checked === null || draftText === null ? [] : placeProblems(draftText, checked.problems)),
    [checked, draftText],
  );
  const known = new Set(own.map(({ path, message }) => `${path} ${message}`));
  return {
    findings: [
      ...own,
      ...ofAppliance.filter(({ path, message }) => !known.has(`${path} ${message}`)),
    ].toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0)),
    hasOwnErrors: own.some(({ severity }) => severity === 'error'),
    checked,
  };
}

/** A configuration that was read: its text, the draft, the versions and the change. */
export function ConfigurationView(props: {
  view: ApplianceView;
  chooser: ReactNode;
  present: Present;
  /** Why the last reading failed; the page shows the one before it. */
  readError: ErrorData | null;
  isReading: boolean;
  readAgain: () => void;
}) {
  const { view, present, readAgain } = props;
  const { entry } = view;
  const { shown } = present;
  const current = useDraft(entry.id);
  const draft = useValueToCheck(current, current?.text.length ?? 0);
  const check = useCheckConfiguration();
  const apply = useApplyConfiguration();
  const { findings, hasOwnErrors, checked } = useFindings(draft, shown.text, check);
  const [compared, setCompared] = useState<Compared>({ from: 'now', to: 'draft' });
  const basis = { digest: shown.digest, ...markedTextOf(shown) };
  const edit = (text: string) => setDraft(entry.id, { text, basis: current?.basis ?? basis });
  const isStale = draft !== null && draft.basis.digest !== shown.digest;
  const mayEdit = useMay('operator');
  const restore = (path: string, source: string) => {
    const restored = restoreKey(current?.text ?? shown.text, source, path);
    if (restored !== null) return edit(restored);
    notify({
      title: `${visibleLine(path)} was not restored`,
      text: 'This key can’t be restored alone. Edit it in the text, or roll back.',
      tone: 'warn',
    });
  };
  const runCheck = () => {
    if (draft !== null)
      check.mutate({ applianceId: entry.id, text: draft.text, unchangedSince: draft.basis.digest });
  };
  return (
    <>
      <ViewHead
        {...props}
        draft={draft}
        onEdit={edit}
        check={{
          run: runCheck,
          isBusy: check.isPending,
          isOffered: draft !== null && draft === current && !hasOwnErrors && !isStale,
        }}
      />
      {props.readError === null ? null : (
        <ErrorNotice error={props.readError} onRetry={readAgain} tone="warn" />
      )}
      {isStale ? (
        <StaleDraft
          applianceName={entry.name}
          changes={compareConfigurations(draft.basis, markedTextOf(shown))}
          onKeep={() => setDraft(entry.id, { text: draft.text, basis })}
          onDiscard={() => discardDraft(entry.id)}
        />
      ) : null}
      <div className={styles.columns}>
        <div className={layout.stack}>
          <EditorCard
            applianceName={entry.name}
            present={present}
            draft={current}
            findings={findings}
            onEdit={edit}
            onStop={() => discardDraft(entry.id)}
          />
          <ChangesCard
            applianceId={entry.id}
            applianceName={entry.name}
            shown={shown}
            draft={draft}
            compared={compared}
            onCompare={setCompared}
            onRestore={mayEdit ? restore : null}
          />
        </div>
        <div className={layout.stack}>
          <VersionsCard
            entry={entry}
            shown={shown}
            hasDraft={draft !== null}
            onCompare={(number) => setCompared({ from: number, to: 'now' })}
            onRolledBack={apply.reset}
            readAgain={readAgain}
          />
          <ApplyCard
            entry={entry}
            shown={shown}
            draft={draft}
            isStale={isStale}
            isChecked={draft === current}
            errors={findings.filter(({ severity }) => severity === 'error').length}
            checked={checked}
            checkError={check.error}
            apply={apply}
            readAgain={readAgain}
            onCompare={(number) => setCompared({ from: number, to: 'draft' })}
          />
        </div>
      </div>
    </>
  );
}

function ViewHead({
  view: { entry },
  chooser,
  present: { shown },
  isReading,
  readAgain,
  draft,
  onEdit,
  check,
}: Parameters<typeof ConfigurationView>[0] & {
  draft: Draft | null;
  onEdit: (text: string) => void;
  check: { run: () => void; isBusy: boolean; isOffered: boolean };
}) {
  const mayCheck = useMay('operator');
  return (
    <PageHead title="Configuration" sub={`${entry.name} · ${visibleLine(shown.path)}`}>
      {shown.drift === null ? null : (
        <span className={feedback.chip} data-tone="warn">
          drift: {describeDrift(shown.drift)} changed on the appliance
        </span>
      )}
      <ApplianceMarks entry={entry} />
      <div className={`${layout.row} ${layout.pageActions}`}>
        {chooser}
        <Button busy={isReading} onClick={readAgain}>
          Read again
        </Button>
        {mayCheck ? (
          <>
            <OpenFileButton
              label="Open a configuration file"
              text="Open file…"
              onFile={(file) =>
                readTextFile(file, {
                  maxBytes: maxConfigurationBytes,
                  tooLarge: `A configuration may have at most ${maxConfigurationBytes / 1024} kB.`,
                  onText: onEdit,
                })
              }
            />
            <Button
              busy={check.isBusy}
              disabled={!check.isOffered}
              onClick={check.run}
              {...(draft === null ? { title: 'Edit the configuration first' } : {})}
            >
              Check on {entry.name}
            </Button>
          </>
        ) : null}
      </div>
    </PageHead>
  );
}
