import { useEffect, useState } from 'react';
import type { SecretPrompt } from '../../../../src-shared/model/appliance/link.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { SecretField, TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { useAnswerPrompt, useDismissPrompt } from '../mutations.ts';
import { usePrompts } from '../queries.ts';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const promptTitles: Record<SecretPrompt['kind'], string> = {
  'key-passphrase': 'Key passphrase',
  password: 'Password',
  'keyboard-interactive': 'Question from the server',
  'sudo-password': 'Password for sudo',
};

/** Shows the oldest open prompt. The other prompts follow after it is answered. */
export function SecretPrompts() {
  const prompts = usePrompts().data?.prompts ?? [];
  const appliances = useAppliances();
  const dismiss = useDismissPrompt();
  const [prompt] = prompts;
  const name = appliances.find((view) => view.entry.id === prompt?.applianceId)?.entry.name ?? 'an appliance';
  return (
    <Dialog
      opened={prompt !== undefined}
      onClose={() => (prompt === undefined ? undefined : dismiss.mutate({ promptId: prompt.id }))}
      title={prompt === undefined ? '' : `${promptTitles[prompt.kind]} for ${name}`}
      size={460}
    >
      {prompt === undefined ? null : (
        <PromptForm
          key={prompt.id}
          prompt={prompt}
          onDismiss={() => dismiss.mutate({ promptId: prompt.id })}
        />
      )}
    </Dialog>
  );
}

/**
 * Keeps the typed secrets only in this component's state, and clears them when they are sent or the dialog
 * closes.
 */
export function PromptForm({ prompt, onDismiss }: { prompt: SecretPrompt; onDismiss: () => void }) {
  const empty = prompt.fields.map(() => '');
  const [answers, setAnswers] = useState(empty);
  const answer = useAnswerPrompt();
  const { reset } = answer;
  useEffect(() => reset, [reset]);

  const send = (): void => {
    answer.mutate(
      { promptId: prompt.id, answers },
      {
        // Clear the secrets that the mutation keeps as its variables.
        onSuccess: () => answer.reset(),
        onSettled: () => setAnswers(empty),
      },
    );
  };
  return (
    <Form className={form.form} autoComplete="off" onSubmit={send}>
      <p className={text.sub}>
        <span className={text.mono}>{visibleText(prompt.hop)}</span>: {visibleText(prompt.title)}
      </p>
      {prompt.fields.map((field, index) => {
        const shared = {
          label: visibleText(field.label),
          value: answers[index] ?? '',
          onChange: (value: string) =>
            setAnswers((current) => current.map((old, at) => (at === index ? value : old))),
          hasInitialFocus: index === 0,
        };
        return field.echo ? (
          <TextField key={`${prompt.id}${index}`} {...shared} machine />
        ) : (
          <SecretField key={`${prompt.id}${index}`} {...shared} />
        );
      })}
      {answer.error === null ? null : <ErrorNotice error={toErrorData(answer.error)} />}
      <div className={form.formActions}>
        <span className={`${text.sub} ${layout.grow}`}>
          Kept in memory until you disconnect or the console stops. Never saved.
        </span>
        <Button onClick={onDismiss}>Not now</Button>
        <Button kind="primary" submit busy={answer.isPending}>
          Submit
        </Button>
      </div>
    </Form>
  );
}
