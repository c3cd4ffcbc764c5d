import { useDeferredValue, useMemo, useState } from 'react';
import type { ConnectYamlFinding } from '../../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { applyAllFixes, applyFix } from '../../../src-shared/model/connectYaml/connectYamlFix.ts';
import { lintConnectYaml, maxConnectYaml } from '../../../src-shared/model/connectYaml/connectYamlLint.ts';
import type { ConnectYamlContext } from '../../../src-shared/model/connectYaml/connectYamlValues.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { copyText } from '../../ui/text/copy.ts';
import { FilterChip } from '../../ui/layout/FilterChip.tsx';
import { notify } from '../../ui/feedback/notify.ts';
import { saveText } from '../../ui/text/saveText.ts';
import { EmptyState } from '../../ui/feedback/States.tsx';
import { TextEditor, type TextRange } from '../../ui/form/TextEditor.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useAppliances } from '../fleet/queries.ts';
import { FindingList, severityTones } from './components/FindingList.tsx';
import { PlaceChooser, type ChosenPlace } from './components/PlaceChooser.tsx';
import { WriteForm } from './components/WriteForm.tsx';
import { setDraftText, useDraft } from './draft.ts';
import { useKnownPlace } from './queries.ts';
import button from '../../ui/layout/Button.module.css';
import card from '../../ui/layout/Card.module.css';
import styles from './connect.module.css';
import feedback from '../../ui/feedback/feedback.module.css';
import layout from '../../ui/layout/layout.module.css';

const nowhere: ChosenPlace = { runs: '', applianceId: '', clientId: '' };

/** Checks, fixes and generates a tenant's connect.yaml. The text stays in this page; it is neither sent nor stored. */
export function ConnectYamlPage() {
  useTitle('connect.yaml');
  const text = useDraft((draft) => draft.text);
  const [tab, setTab] = useState<'check' | 'write'>('check');
  const [chosen, setChosen] = useState<ChosenPlace>(nowhere);
  const appliances = useAppliances();
  const known = useKnownPlace(chosen.applianceId || null, chosen.clientId || null);
  const { applianceVersion, connectVersion, allottedPorts, hostKey } = known.context;
  const context = useMemo(
    (): ConnectYamlContext => ({
      runs: chosen.runs || undefined,
      applianceVersion,
      connectVersion,
      allottedPorts,
      hostKey,
    }),
    [chosen.runs, applianceVersion, connectVersion, allottedPorts, hostKey],
  );
  return (
    <Page fill>
      <PageHead title="connect.yaml" sub="A tenant’s Connect configuration">
        <FilterChip on={tab === 'check'} onToggle={() => setTab('check')}>
          Check
        </FilterChip>
        <FilterChip on={tab === 'write'} onToggle={() => setTab('write')}>
          Write a new one
        </FilterChip>
        <div className={`${layout.row} ${layout.pageActions}`}>
          <PlaceChooser
            place={chosen}
            onChange={setChosen}
            appliances={appliances.map(({ entry, status }) => ({
              id: entry.id,
              name: entry.name,
              version: status?.value.versions.appliance ?? null,
            }))}
            clientIds={known.clientIds}
          />
        </div>
      </PageHead>
      {tab === 'check' ? (
        <CheckPane text={text} onText={setDraftText} context={context} onWrite={() => setTab('write')} />
      ) : (
        <WriteForm
          context={context}
          replaces={text !== ''}
          onTake={(written) => {
            setDraftText(written);
            setTab('check');
          }}
        />
      )}
    </Page>
  );
}

function CheckPane({
  text,
  onText,
  context,
  onWrite,
}: {
  text: string;
  onText: (text: string) => void;
  context: ConnectYamlContext;
  onWrite: () => void;
}) {
  const [place, setPlace] = useState<TextRange | null>(null);
  // Linting a long text must not delay typing.
  const lintedText = useDeferredValue(text);
  const { findings, configuration } = useMemo(
    () => lintConnectYaml(lintedText, context),
    [lintedText, context],
  );
  const isCurrent = lintedText === text;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const repositories = configuration?.repositories.length ?? 0;
  const isEmpty = text.trim() === '';
  const fixable = findings.filter(({ fix }) => fix !== null && fix.isSafe).length;

  const open = (file: File): void => {
    if (file.size > maxConnectYaml * 4)
      notify({ title: 'The file is too large', text: 'A connect.yaml has at most 256 kB.', tone: 'warn' });
    else file.text().then(onText, () => notify({ title: 'Can’t read the file', tone: 'bad' }));
  };
  const go = ({ from, to }: ConnectYamlFinding): void => setPlace({ from, to });
  const marks = useMemo(
    () =>
      isEmpty
        ? []
        : findings.flatMap(({ line, severity, code, message }) =>
            line === null ? [] : [{ line, tone: severityTones[severity], title: `${code}: ${message}` }],
          ),
    [findings, isEmpty],
  );
  const fixAll = (): void => {
    const all = applyAllFixes(text, context);
    onText(all.text);
    notify({ title: `${all.fixed} fixed`, tone: 'ok' });
  };
  return (
    <div className={styles.connectSplit}>
      <section className={`${card.card} ${styles.connectPane}`} aria-label="Text">
        <header>
          <h2>Text</h2>
          <div className={layout.row}>
            <label className={`${button.btn} ${button.small}`}>
              Open…
              <input
                type="file"
                className={layout.srOnly}
                aria-label="Open a connect.yaml"
                onChange={(event) => {
                  const [file] = event.currentTarget.files ?? [];
                  if (file !== undefined) open(file);
                  // So that the same file can be opened again after it was changed.
                  event.currentTarget.value = '';
                }}
              />
            </label>
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
        <TextEditor
          label="connect.yaml"
          value={text}
          onChange={onText}
          onFile={open}
          place={place}
          placeholder="Paste a connect.yaml, or drop the file here"
          marks={marks}
        />
      </section>
      <section className={`${card.card} ${styles.connectPane}`} aria-label="Verdict">
        <header>
          <h2>Findings</h2>
          <div className={layout.row}>
            {isEmpty ? null : (
              <output className={feedback.word} data-tone={errors > 0 ? 'bad' : 'ok'}>
                {errors > 0
                  ? `${errors} error${errors === 1 ? '' : 's'}: Connect would not start`
                  : `Connect can start: ${repositories} ${repositories === 1 ? 'repository' : 'repositories'}`}
              </output>
            )}
            <Button small kind="primary" disabled={isEmpty || fixable === 0 || !isCurrent} onClick={fixAll}>
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
            <EmptyState title="No problems found">Connect can start with this file.</EmptyState>
          ) : (
            <FindingList
              findings={findings}
              isCurrent={isCurrent}
              onGo={go}
              onFix={(finding, fix) => onText(applyFix(text, finding, fix))}
            />
          )}
        </div>
      </section>
    </div>
  );
}
