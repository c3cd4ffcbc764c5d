import { useState } from 'react';
import type { Protection } from '../../../src-shared/model/secrets/vault.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { ErrorNotice } from '../../ui/feedback/States.tsx';
import { SecretField } from '../../ui/form/Fields.tsx';
import { Form } from '../../ui/form/Form.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { useChangeSecrets } from './useSecrets.ts';
import form from '../../ui/form/form.module.css';
import text from '../../ui/text/text.module.css';

/** Unlocks the vault. The passphrase is cleared as soon as it is sent. */
export function UnlockForm({
  protection,
  onDismiss,
}: {
  protection: Protection | null;
  /** Undefined if there is nothing to dismiss. */
  onDismiss?: () => void;
}) {
  const [passphrase, setPassphrase] = useState('');
  const unlock = useChangeSecrets();
  const hasPassphrase = protection !== 'key-store';
  const send = (): void => {
    setPassphrase('');
    unlock.change((secrets) => secrets.unlock({ passphrase: hasPassphrase ? passphrase : null }));
  };
  return (
    <Form className={form.form} autoComplete="off" aria-label="Unlock the vault" onSubmit={send}>
      {hasPassphrase ? (
        <SecretField
          label="Passphrase of the vault"
          value={passphrase}
          onChange={setPassphrase}
          hasInitialFocus={onDismiss !== undefined}
        />
      ) : (
        <p className={text.sub}>The key store of the operating system opens the vault.</p>
      )}
      {unlock.error === null ? null : <ErrorNotice error={toErrorData(unlock.error)} />}
      <div className={form.formActions}>
        {onDismiss === undefined ? null : <Button onClick={onDismiss}>Not now</Button>}
        <Button kind="primary" submit disabled={hasPassphrase && passphrase === ''} busy={unlock.isPending}>
          Unlock
        </Button>
      </div>
    </Form>
  );
}
