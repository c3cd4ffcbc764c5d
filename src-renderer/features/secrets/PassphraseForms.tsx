import { useState } from 'react';
import { minPassphrase, newPassphraseSchema } from '../../../src-shared/model/secrets/vault.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { ErrorNotice } from '../../ui/feedback/States.tsx';
import { SecretField } from '../../ui/form/Fields.tsx';
import { Form } from '../../ui/form/Form.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { useChangeSecrets } from './useSecrets.ts';
import layout from '../../ui/layout/layout.module.css';
import text from '../../ui/text/text.module.css';

/** A new passphrase, typed twice. */
function useNewPassphrase() {
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  return {
    passphrase,
    isUsable: newPassphraseSchema.safeParse(passphrase).success && passphrase === repeated,
    clear: () => {
      setPassphrase('');
      setRepeated('');
    },
    fields: (
      <>
        <SecretField label="New passphrase" value={passphrase} onChange={setPassphrase} />
        <SecretField label="New passphrase, again" value={repeated} onChange={setRepeated} />
        <p className={text.sub}>
          At least {minPassphrase} characters. Keep it somewhere else, too: nothing opens the vault without
          it.
        </p>
      </>
    ),
  };
}

/** Creates the vault: with a passphrase, or with the key store of the operating system if it can be used. */
export function CreateVaultForm({ keyStoreProblem }: { keyStoreProblem: string | null }) {
  const typed = useNewPassphrase();
  const create = useChangeSecrets();
  const send = (passphrase: string | null): void => {
    typed.clear();
    create.change((secrets) => secrets.create({ passphrase }));
  };
  return (
    <Form className={layout.stack} aria-label="Create the vault" onSubmit={() => send(typed.passphrase)}>
      <p className={text.sub}>
        No vault yet: each password and passphrase is asked for, and kept in memory only. A vault keeps them
        encrypted in the data folder, as named credentials that appliances refer to.
      </p>
      {typed.fields}
      {create.error === null ? null : <ErrorNotice error={toErrorData(create.error)} />}
      <div className={layout.row}>
        <Button kind="primary" submit disabled={!typed.isUsable} busy={create.isPending}>
          Create vault
        </Button>
        {keyStoreProblem === null ? (
          <Button busy={create.isPending} onClick={() => send(null)}>
            Create with the key store of this system
          </Button>
        ) : null}
      </div>
      {keyStoreProblem === null ? null : <p className={text.sub}>{keyStoreProblem}</p>}
    </Form>
  );
}

export function ChangePassphraseForm({ onDone }: { onDone: () => void }) {
  const [before, setBefore] = useState('');
  const typed = useNewPassphrase();
  const change = useChangeSecrets();
  const send = (): void => {
    setBefore('');
    typed.clear();
    change.change((secrets) => secrets.changePassphrase({ before, after: typed.passphrase }), { onDone });
  };
  return (
    <Form className={layout.stack} aria-label="Change the passphrase" onSubmit={send}>
      <SecretField label="Current passphrase" value={before} onChange={setBefore} hasInitialFocus />
      {typed.fields}
      {change.error === null ? null : <ErrorNotice error={toErrorData(change.error)} />}
      <div className={layout.row}>
        <Button kind="primary" submit disabled={!typed.isUsable || before === ''} busy={change.isPending}>
          Change passphrase
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </Form>
  );
}
