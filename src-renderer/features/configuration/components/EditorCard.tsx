import { useMemo, useState } from 'react';
import type { ConfigurationShow } from '../../../../src-shared/model/configuration/configurationCommands.ts';
import { maxConfigurationBytes } from '../../../../src-shared/model/configuration/configurationLimits.ts';
import { applyEdits } from '../../../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { diffLines } from '../../../../src-shared/base/lineDiff.ts';
import { asSentence } from '../../../../src-shared/base/sentence.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { readTextFile } from '../../../ui/form/OpenFileButton.tsx';
import { useValueToCheck } from '../../../ui/layout/useSettled.ts';
import { CodeEditor } from '../../../ui/editor/CodeEditor.tsx';
import type { EditorFinding, EditorFix, TextRange } from '../../../ui/editor/editorTypes.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { useMay } from '../../system/queries.ts';
import { keyAt, type DraftFinding } from '../checkDraft.ts';
import { completeDraft, helpInDraft } from '../completeDraft.ts';
import { describeMasks } from '../maskNotes.ts';
import type { Draft } from '../draft.ts';
import { severityLabels } from '../labels.ts';
import { countOf } from '../../../ui/text/countOf.ts';
import card from '../../../ui/layout/Card.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from '../configuration.module.css';

const noLines: readonly number[] = [];

/** The text, read-only or as a draft, with its findings and the meaning of the key under the cursor. */
export function EditorCard({
  applianceName,
  present: { shown, readAt },
  draft,
  findings,
  onEdit,
  onStop,
}: {
  applianceName: string;
  present: { shown: ConfigurationShow; readAt: string };
  draft: Draft | null;
  findings: readonly DraftFinding[];
  onEdit: (text: string) => void;
  /** Discards the draft. */
  onStop: () => void;
}) {
  const mayEdit = useMay('operator');
  const [place, setPlace] = useState<TextRange | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const text = draft?.text ?? shown.text;
  const isDraft = draft !== null;
  const checkedText = useValueToCheck(text, text.length);
  const marks = useMemo(
    () =>
      findings.flatMap(({ range, severity, path, message, fix }): EditorFinding[] =>
        range === null ? [] : [{ ...range, severity, message: asSentence(`${path} ${message}`.trim()), fix }],
      ),
    [findings],
  );
  const notes = useMemo(
    () => describeMasks(checkedText, shown, { isDraft, readAt }),
    [checkedText, shown, isDraft, readAt],
  );
  const changed = useMemo(
    () =>
      isDraft
        ? diffLines(shown.text, checkedText).flatMap(({ before, after }) =>
            before === null && after !== null ? [after] : [],
          )
        : noLines,
    [isDraft, shown.text, checkedText],
  );
  return (
    <section className={card.card} aria-label={draft === null ? 'Present configuration' : 'Draft'}>
      <header>
        <h2>
          {draft === null ? 'Present configuration' : 'Draft'}{' '}
          <span className={textStyles.sub}>
            {draft === null ? 'secrets are hidden' : 'not applied; kept in this window only'}
          </span>
        </h2>
        <span className={`${layout.row} ${styles.compared}`}>
          {changed.length === 0 ? null : (
            <span className={styles.changedLegend}>
              <i aria-hidden="true" /> changed
            </span>
          )}
          {(['error', 'warning'] as const).map((severity) => {
            const count = findings.filter((finding) => finding.severity === severity).length;
            return count === 0 ? null : (
              <span key={severity} className={feedback.chip} data-tone={severityLabels[severity].tone}>
                {countOf(count, severity)}
              </span>
            );
          })}
          <Age observedAt={readAt} />
          {!mayEdit ? null : draft === null ? (
            <Button small kind="primary" onClick={() => onEdit(shown.text)}>
              Edit
            </Button>
          ) : (
            <Button small onClick={onStop}>
              Discard changes
            </Button>
          )}
        </span>
      </header>
      <div className={styles.editor}>
        <CodeEditor
          label={`Configuration of ${applianceName}`}
          value={text}
          onChange={onEdit}
          onFile={(file) => {
            if (mayEdit)
              readTextFile(file, {
                maxBytes: maxConfigurationBytes,
                tooLarge: `A configuration may have at most ${maxConfigurationBytes / 1024} kB.`,
                onText: onEdit,
              });
          }}
          findings={marks}
          notes={notes}
          changedLines={changed}
          showsMessages
          place={place}
          placeholder="Type the configuration, or drop a file here"
          isReadOnly={draft === null}
          onCursor={setCursor}
          completeAt={completeDraft}
          helpAt={helpInDraft}
        />
      </div>
      <KeyHelpLine text={text} cursor={cursor} isDraft={draft !== null} findings={findings} />
      {findings.length === 0 ? null : (
        <ul className={styles.findings} aria-label="Findings in the draft">
          {findings.map((finding, index) => (
            <FindingLine
              key={`${index}${finding.path}${finding.message}`}
              finding={finding}
              onGo={setPlace}
              onFix={
                draft !== null && draft.text === checkedText
                  ? ({ edits }) => onEdit(applyEdits(draft.text, [...edits]))
                  : null
              }
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function FindingLine({
  finding: { severity, path, message, line, range, fix },
  onGo,
  onFix,
}: {
  finding: DraftFinding;
  onGo: (range: TextRange) => void;
  /** Null while the finding belongs to an earlier text. */
  onFix: ((fix: EditorFix) => void) | null;
}) {
  return (
    <li data-placed={range !== null}>
      <span className={feedback.word} data-tone={severityLabels[severity].tone}>
        {severityLabels[severity].word}
      </span>
      {range === null ? null : (
        <button type="button" className={textStyles.linkButton} onClick={() => onGo({ ...range })}>
          line {line}
        </button>
      )}
      <span>
        {path === '' ? null : <span className={textStyles.mono}>{visibleLine(path)} </span>}
        {visibleLine(asSentence(message))}
      </span>
      {fix === null ? null : (
        <Button small disabled={onFix === null} onClick={() => onFix?.(fix)}>
          {visibleLine(fix.title)}
        </Button>
      )}
    </li>
  );
}

function KeyHelpLine({
  text,
  cursor,
  isDraft,
  findings,
}: {
  text: string;
  cursor: number | null;
  isDraft: boolean;
  findings: readonly DraftFinding[];
}) {
  const checkedCursor = useValueToCheck(cursor, text.length);
  const checkedText = useValueToCheck(text, text.length);
  const help = useMemo(
    () => (checkedCursor === null ? null : keyAt(checkedText, checkedCursor)),
    [checkedText, checkedCursor],
  );
  const isWrong = findings.some(({ path, severity }) => severity === 'error' && path === help?.path);
  return (
    <output className={styles.keyHelp} aria-label="Key under the cursor">
      {help === null ? (
        <span className={textStyles.faint}>Place the cursor on a key to see what it means.</span>
      ) : (
        <>
          <span className={textStyles.mono}>{visibleLine(help.path)}</span>{' '}
          {help.meaning === null ? 'Unknown key. It is kept and not checked.' : asSentence(help.meaning)}
          {isWrong
            ? ''
            : help.isMasked
              ? isDraft
                ? ' Hidden: keeps the present secret. Replace the mask to set another one.'
                : ' Hidden on the appliance.'
              : help.isSecret && isDraft
                ? ' New secret: it is sent to the appliance only when you check or apply.'
                : ''}
        </>
      )}
    </output>
  );
}
