import { useMemo } from 'react';
import { connectKeyPath } from '../../../../src-shared/model/connectYaml/deployments.ts';
import { generateConnectYaml } from '../../../../src-shared/model/connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../../../../src-shared/model/connectYaml/connectYamlLint.ts';
import type { ConnectYamlContext } from '../../../../src-shared/model/connectYaml/connectYamlValues.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { MachineBlock } from '../../../ui/text/Machine.tsx';
import { changeDraftForm, isUntouched, useDraft } from '../draft.ts';
import { filledRows, RepositoryRows } from './RepositoryRows.tsx';
import card from '../../../ui/layout/Card.module.css';
import styles from '../connect.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';

type Findings = ReturnType<typeof lintConnectYaml>['findings'];

/** The generated text and its findings. */
function useGenerated(context: ConnectYamlContext) {
  const form = useDraft((draft) => draft.form);
  const { appliance, sshKey, hostKey, rows } = form;
  const known = context.hostKey ?? null;
  const text = useMemo(
    () =>
      generateConnectYaml({
        appliance: appliance.trim(),
        sshKey: sshKey.trim(),
        hostKey: hostKey.trim() === '' ? known : hostKey.trim(),
        bindAddress: null,
        repositories: filledRows(rows),
      }),
    [appliance, sshKey, hostKey, known, rows],
  );
  const { findings } = useMemo(() => lintConnectYaml(text, context), [text, context]);
  return { text, findings, isUntouched: isUntouched(form) };
}

/** Generates a connect.yaml from a form; the preview shows the result. */
export function WriteForm({
  context,
  replaces,
  onTake,
}: {
  context: ConnectYamlContext;
  /** Whether the editor contains a text that would be replaced. */
  replaces: boolean;
  onTake: (text: string) => void;
}) {
  const { text, findings, isUntouched } = useGenerated(context);
  return (
    <div className={styles.connectSplit}>
      <section className={`${card.card} ${styles.connectPane}`} aria-label="Form">
        <div className={styles.connectScroll}>
          <Form
            className={`${formStyles.form} ${styles.connectForm} ${layout.stack}`}
            onSubmit={() => onTake(text)}
          >
            <WrittenFields findings={findings} knownHostKey={context.hostKey ?? null} />
          </Form>
        </div>
      </section>
      <section className={`${card.card} ${styles.connectPane}`} aria-label="Preview">
        <header>
          <h2>Preview</h2>
          <Button kind="primary" small onClick={() => onTake(text)}>
            {replaces ? 'Replace the text in Check' : 'Use in Check'}
          </Button>
        </header>
        <div className={`${styles.connectScroll} ${styles.connectWritten}`}>
          {isUntouched ? (
            <p>Fill in the form. The file appears here.</p>
          ) : (
            <Completeness findings={findings} />
          )}
          <MachineBlock text={text} label="Generated connect.yaml" />
        </div>
      </section>
    </div>
  );
}

/** Says whether Connect can start, or the first reason why not. */
function Completeness({ findings }: { findings: Findings }) {
  const first =
    findings.find(({ severity }) => severity === 'error') ??
    findings.find(({ severity }) => severity === 'warning');
  return (
    <p className={feedback.word} data-tone={first === undefined ? 'ok' : 'warn'}>
      {first === undefined
        ? 'Connect can start with this configuration.'
        : `Not complete: ${first.where === '' ? '' : `${first.where}: `}${first.message}`}
    </p>
  );
}

function WrittenFields({ findings, knownHostKey }: { findings: Findings; knownHostKey: string | null }) {
  const { appliance, sshKey, hostKey, rows } = useDraft((draft) => draft.form);
  const errorOf = (key: string, value: string): string | undefined =>
    value.trim() === ''
      ? undefined
      : findings.find(({ where, severity }) => where === key && severity !== 'info')?.message;
  return (
    <>
      <TextField
        label="Public address of the appliance"
        value={appliance}
        onChange={(text) => changeDraftForm({ appliance: text })}
        error={errorOf('appliance', appliance)}
        placeholder="appliance.example.com:22"
        machine
      />
      <TextField
        label="Private key path"
        value={sshKey}
        onChange={(text) => changeDraftForm({ sshKey: text })}
        error={errorOf('ssh_key', sshKey)}
        description={`In the container it is ${connectKeyPath}.`}
        machine
      />
      <TextField
        label="Host key fingerprint of the appliance"
        value={hostKey}
        onChange={(text) => changeDraftForm({ hostKey: text })}
        error={errorOf('host_key', hostKey)}
        placeholder={knownHostKey ?? 'SHA256:…'}
        description="With a fingerprint, Connect accepts only the appliance that has this host key."
        machine
      />
      <RepositoryRows rows={rows} onChange={(next) => changeDraftForm({ rows: next })} />
    </>
  );
}
