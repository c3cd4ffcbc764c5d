import { useState } from 'react';
import { credentialKinds, type UsedCredential } from '../../../src-shared/model/secrets/credential.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { Ago } from '../../ui/feedback/Age.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../ui/feedback/States.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { PlainList } from '../../ui/layout/Lists.tsx';
import { AddCredentialForm, RotateCredentialForm } from './CredentialForms.tsx';
import { useChangeSecrets, useCredentials } from './useSecrets.ts';
import layout from '../../ui/layout/layout.module.css';
import text from '../../ui/text/text.module.css';

/** The named credentials with the appliances that use each. Adding, rotating and removing need the unlocked vault. */
export function CredentialList({ isUnlocked, mayChange }: { isUnlocked: boolean; mayChange: boolean }) {
  const credentials = useCredentials();
  const [isAdding, setIsAdding] = useState(false);
  const canChange = isUnlocked && mayChange;
  return (
    <Loaded query={credentials} skeleton={<Skeleton lines={2} />}>
      {(data) => (
        <>
          {data.credentials.length === 0 ? (
            <p>No credentials yet.</p>
          ) : (
            <PlainList label="Credentials">
              {data.credentials.map((credential) => (
                <CredentialItem key={credential.id} credential={credential} canChange={canChange} />
              ))}
            </PlainList>
          )}
          {!canChange ? null : isAdding ? (
            <AddCredentialForm onDone={() => setIsAdding(false)} />
          ) : (
            <div className={layout.row}>
              <Button onClick={() => setIsAdding(true)}>Add credential…</Button>
            </div>
          )}
        </>
      )}
    </Loaded>
  );
}

function CredentialItem({ credential, canChange }: { credential: UsedCredential; canChange: boolean }) {
  const { name, kind, userName, users, rotatedAt, createdAt } = credential;
  const [isRotating, setIsRotating] = useState(false);
  const remove = useChangeSecrets();
  return (
    <li className={layout.stack}>
      <div className={layout.row}>
        <b className={text.mono}>{name}</b>
        <span className={`${text.sub} ${text.clip}`}>
          {credentialKinds[kind].label}
          {userName === null ? '' : ` of ${userName}`} · {rotatedAt === null ? 'added' : 'rotated'}{' '}
          <Ago at={rotatedAt ?? createdAt} isSentence />
        </span>
        <span className={layout.grow} />
        {canChange ? (
          <>
            <Button small label={`Rotate ${name}`} onClick={() => setIsRotating(true)}>
              Rotate…
            </Button>
            <Button
              small
              kind="quiet"
              label={`Remove ${name}`}
              busy={remove.isPending}
              onClick={() => remove.change((secrets) => secrets.removeCredential({ name }))}
            >
              ✕
            </Button>
          </>
        ) : null}
      </div>
      <span className={text.sub}>
        {users.length === 0 ? 'Not used by any appliance' : `Used by ${users.join(', ')}`}
      </span>
      {remove.error === null ? null : <ErrorNotice error={toErrorData(remove.error)} />}
      {isRotating && canChange ? (
        <RotateCredentialForm credential={credential} onDone={() => setIsRotating(false)} />
      ) : null}
    </li>
  );
}
