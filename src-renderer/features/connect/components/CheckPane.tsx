import { useMemo, useState } from 'react';
import { applyAllFixes, applyFix } from '../../../../src-shared/model/connectYaml/connectYamlFix.ts';
import { lintConnectYaml, maxConnectYaml } from '../../../../src-shared/model/connectYaml/connectYamlLint.ts';
import type { ConnectYamlContext } from '../../../../src-shared/model/connectYaml/connectYamlValues.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { notify } from '../../../ui/feedback/notify.ts';
import { saveText } from '../../../ui/text/saveText.ts';
import { EmptyState } from '../../../ui/feedback/States.tsx';
import { OpenFileButton, readTextFile } from '../../../ui/form/OpenFileButton.tsx';
import { useValueToCheck } from '../../../ui/layout/useSettled.ts';
import { CodeEditor } from '../../../ui/editor/CodeEditor.tsx';
import type { TextRange } from '../../../ui/editor/editorTypes.ts';
import { completeConnectYaml, helpInConnectYaml } from '../completeConnectYaml.ts';
import { FindingList } from './FindingList.tsx';
import card from '../../../ui/layout/Card.module.css';
import styles from '../connect.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';

type CheckPaneProps = {
  text: string;
  onText: (text: string) => void;
  context: ConnectYamlContext;
  onWrite: () => void;
};
type LintResult = ReturnType<typeof lintConnectYaml>;

/** A text of a connect.yaml beside its findings. */
export function CheckPane({ text, onText, context, onWrite }: CheckPaneProps) {
  const [place, setPlace] = useState<TextRange | null>(null);
  const lintedText = useValueToCheck(text, text.length);
  const result = useMemo(() => lintConnectYaml(lintedText, context), [lintedText, context]);
  const isEmpty = text.trim() === '';
  return (
    <div className={styles.connectSplit}>
      <TextPane
        text={text}
        onText={onText}
        isEmpty={isEmpty}
        place={place}
        findings={isEmpty ? noFindings : result.findings}
      />
      <FindingsPane
        text={text}
        onText={onText}
        context={context}
        onWrite={onWrite}
        isEmpty={isEmpty}
        isCurrent={lintedText === text}
        result={result}
        onGo={setPlace}
      />
    </div>
  );
}

const noFindings: LintResult['findings'] = [];

function TextPane({
  text,
  onText,
  isEmpty,
  place,
  findings,
}: Pick<CheckPaneProps, 'text' | 'onText'> & {
  isEmpty: boolean;
  place: TextRange | null;
  findings: LintResult['findings'];
}) {
  const marks = useMemo(
    () =>
      findings.flatMap(({ line, from, to, severity, code, message }) =>
        line === null ? [] : [{ from, to, severity, message: `${code}: ${message}` }],
      ),
    [findings],
  );
  const open = (file: File): void =>
    readTextFile(file, {
      maxBytes: maxConnectYaml * 4,
      tooLarge: 'A connect.yaml may have at most 256 kB.',
      onText,
    });
  return (
    <section className={`${card.card} ${styles.connectPane}`} aria-label="Text">
      <header>
        <h2>Text</h2>
        <div className={layout.row}>
          <OpenFileButton small label="Open a connect.yaml" onFile={open} />
          <Button small disabled={isEmpty} onClick={() => copyText(text, 'connect.yaml copied')}>
            Copy
          </Button>
          <Button
            small
            disabled={isEmpty}
            onClick={() => saveText({ name: 'connect.yaml', type: 'application/yaml', text })}
          >
            Download
          </Button>
        </div>
      </header>
      <CodeEditor
        label="connect.yaml"
        value={text}
        onChange={onText}
        onFile={open}
        place={place}
        placeholder="Paste a connect.yaml, or drop the file here"
        findings={marks}
        completeAt={completeConnectYaml}
        helpAt={helpInConnectYaml}
      />
    </section>
  );
}

/** Says whether Connect would start with the file. */
function StartSummary({ result }: { result: LintResult }) {
  const errors = result.findings.filter(({ severity }) => severity === 'error').length;
  const repositories = result.configuration?.repositories.length ?? 0;
  return (
    <output className={feedback.word} data-tone={errors > 0 ? 'bad' : 'ok'}>
      {errors > 0
        ? `${errors} error${errors === 1 ? '' : 's'}: Connect would not start`
        : `Connect can start: ${repositories} ${repositories === 1 ? 'repository' : 'repositories'}`}
    </output>
  );
}

function FindingsPane({
  text,
  onText,
  context,
  onWrite,
  isEmpty,
  isCurrent,
  result,
  onGo,
}: CheckPaneProps & {
  isEmpty: boolean;
  /** False while the findings belong to an earlier text. */
  isCurrent: boolean;
  result: LintResult;
  onGo: (place: TextRange) => void;
}) {
  const { findings } = result;
  const hasFixes = findings.some(({ fix }) => fix !== null && fix.isSafe);
  const fixAll = (): void => {
    const all = applyAllFixes(text, context);
    onText(all.text);
    notify({ title: `${all.fixed} fixed`, tone: 'ok' });
  };
  return (
    <section className={`${card.card} ${styles.connectPane}`} aria-label="Findings">
      <header>
        <h2>Findings</h2>
        <div className={layout.row}>
          {isEmpty ? null : <StartSummary result={result} />}
          <Button small kind="primary" disabled={isEmpty || !hasFixes || !isCurrent} onClick={fixAll}>
            Fix all
          </Button>
        </div>
      </header>
      <div className={styles.connectScroll}>
        {isEmpty ? (
          <EmptyState
            title="No file yet"
            action={
              <Button small onClick={onWrite}>
                Write a new one
              </Button>
            }
          >
            Paste, open or drop a tenant’s connect.yaml. It is checked in this page and never sent anywhere.
          </EmptyState>
        ) : findings.length === 0 ? (
          <EmptyState title="No findings">Connect can start with this file.</EmptyState>
        ) : (
          <FindingList
            findings={findings}
            isCurrent={isCurrent}
            onGo={({ from, to }) => onGo({ from, to })}
            onFix={(finding, fix) => onText(applyFix(text, finding, fix))}
          />
        )}
      </div>
    </section>
  );
}
