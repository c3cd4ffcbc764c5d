import { useState } from 'react';
import { credentialKinds, type UsedCredential } from '../../../src-shared/model/secrets/credential.ts';
import { Ago } from '../../ui/feedback/Age.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { PlainList } from '../../ui/layout/Lists.tsx';
import { AddCredentialForm, RemoveCredentialForm, RotateCredentialForm } from './CredentialForms.tsx';
import { useCredentials } from './useSecrets.ts';
import styles from './secrets.module.css';
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
            <p>No credentials yet. Add one, then choose it in the form of an appliance.</p>
          ) : (
            <PlainList label="Credentials">
              {data.credentials.map((credential) => (
                <CredentialItem key={credential.id} credential={credential} canChange={canChange} />
              ))}
            </PlainList>
          )}
          {mayChange && !isUnlocked ? (
            <p className={text.sub}>Unlock the vault to add, rotate or remove credentials.</p>
          ) : null}
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

/** What is open below a credential. */
type Opened = 'rotation' | 'removal' | null;

function CredentialItem({ credential, canChange }: { credential: UsedCredential; canChange: boolean }) {
  const { name, kind, userName, users, rotatedAt, createdAt } = credential;
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  return (
    <li className={styles.credential}>
      <div className={layout.row}>
        <div className={text.clip}>
          <b className={text.mono}>{name}</b>{' '}
          <span className={text.sub}>
            {credentialKinds[kind].label}
            {userName === null ? '' : ` of ${userName}`} · {rotatedAt === null ? 'added' : 'rotated'}{' '}
            <Ago at={rotatedAt ?? createdAt} isSentence />
          </span>
        </div>
        <span className={layout.grow} />
        {canChange ? (
          <>
            <Button small label={`Rotate ${name}`} onClick={() => setOpened('rotation')}>
              Rotate…
            </Button>
            <Button small kind="quiet" label={`Remove ${name}`} onClick={() => setOpened('removal')}>
              Remove…
            </Button>
          </>
        ) : null}
      </div>
      <p className={text.sub}>
        {users.length === 0 ? 'Not used by any appliance' : `Used by ${users.join(', ')}`}
      </p>
      {!canChange || opened === null ? null : opened === 'rotation' ? (
        <RotateCredentialForm credential={credential} onDone={close} />
      ) : (
        <RemoveCredentialForm credential={credential} onDone={close} />
      )}
    </li>
  );
}
