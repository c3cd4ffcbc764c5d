import { useState } from 'react';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import {
  protections,
  secretSettingsSchema,
  vaultConditions,
  type VaultState,
} from '../../../src-shared/model/secrets/vault.ts';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { ForAdmins } from '../settings/components/ForAdmins.tsx';
import { SettingsForm } from '../settings/components/SettingsForm.tsx';
import { useMay } from '../system/queries.ts';
import { CredentialList } from './CredentialList.tsx';
import { ChangePassphraseForm, CreateVaultForm } from './PassphraseForms.tsx';
import { UnlockForm } from './UnlockForm.tsx';
import { useSecretSettings, useSetSecretSettings } from './useSecrets.ts';
import { useLockVault, useVault } from './vaultQuery.ts';
import feedback from '../../ui/feedback/feedback.module.css';
import layout from '../../ui/layout/layout.module.css';
import text from '../../ui/text/text.module.css';

/** The vault with its credentials: create, unlock, lock, and the time after which it locks. */
export function VaultCard() {
  const vault = useVault();
  return (
    <Card title="Vault and credentials" label="Vault and credentials">
      {vault === undefined ? <Skeleton lines={3} /> : <Vault vault={vault} />}
    </Card>
  );
}

function Vault({ vault }: { vault: VaultState }) {
  const { condition, protection } = vault;
  const mayChange = useMay('admin');
  if (condition === 'absent')
    return mayChange ? (
      <CreateVaultForm keyStoreProblem={vault.keyStoreProblem} />
    ) : (
      <p className={text.sub}>No vault yet. Only an admin may create one.</p>
    );
  return (
    <div className={layout.stack}>
      <VaultHead vault={vault} mayChange={mayChange} />
      {condition === 'locked' ? <UnlockForm protection={protection} /> : null}
      {condition === 'locked' && protection === 'passphrase' ? (
        <p className={text.sub}>
          Nothing opens the vault without its passphrase. If it is lost, move <code>vault.json</code> out of
          the data folder, create a new vault, and rotate each credential.
        </p>
      ) : null}
      {vault.problem === null ? null : <p>{visibleText(vault.problem)}</p>}
      <CredentialList isUnlocked={condition === 'unlocked'} mayChange={mayChange} />
      <LockSettings />
    </div>
  );
}

function VaultHead({ vault, mayChange }: { vault: VaultState; mayChange: boolean }) {
  const lock = useLockVault();
  const [isChanging, setIsChanging] = useState(false);
  const { condition, protection } = vault;
  const { label, tone } = vaultConditions[condition];
  return (
    <>
      <div className={layout.row}>
        <span className={feedback.word} data-tone={tone}>
          {label}
        </span>
        {protection === null ? null : (
          <span className={text.sub}>Protected by: {protections[protection].label}</span>
        )}
        <span className={layout.grow} />
        {protection === 'passphrase' && mayChange && !isChanging ? (
          <Button small onClick={() => setIsChanging(true)}>
            Change passphrase…
          </Button>
        ) : null}
        {condition === 'unlocked' ? (
          <Button small busy={lock.isPending} onClick={() => lock.mutate({})}>
            Lock now
          </Button>
        ) : null}
      </div>
      {isChanging ? <ChangePassphraseForm onDone={() => setIsChanging(false)} /> : null}
    </>
  );
}

function LockSettings() {
  const settings = useSecretSettings();
  const save = useSetSecretSettings();
  return (
    <Loaded query={settings} skeleton={<Skeleton lines={1} />}>
      {(data) => (
        <ForAdmins>
          <SettingsForm
            group="secrets"
            schema={secretSettingsSchema}
            settings={data.settings}
            saving={save}
            onSave={(changed) => save.mutate({ settings: changed })}
            intro="Once locked, new sign-ins ask to unlock the vault. Open connections stay open."
          />
        </ForAdmins>
      )}
    </Loaded>
  );
}
