import { CheckField, SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { useCredentials } from '../../secrets/useSecrets.ts';
import type { LoginChoice } from '../formModel.ts';
import { textProps } from '../../../ui/form/useFormState.ts';
import { type ApplianceFormState, checkProps } from '../useApplianceForm.ts';
import formStyles from '../../../ui/form/form.module.css';
import styles from '../appliance.module.css';

const loginLabels: Record<LoginChoice, string> = {
  agent: 'SSH agent',
  keyFile: 'Key file',
  password: 'Password (asked for when needed)',
  several: 'Several methods, in order…',
};
const loginOptions = Object.entries(loginLabels).map(([value, label]) => ({ value, label }));

/** Fields for the address and the login methods. */
export function LoginFields({ form }: { form: ApplianceFormState }) {
  return (
    <>
      <div className={styles.loginFields}>
        <TextField
          {...textProps(form, 'address')}
          label="Address"
          placeholder="ubuntu@kiln-01.plant.lan:22"
          description="user@host:port. Defaults: user ubuntu, port 22."
          machine
          hasInitialFocus
        />
        <SelectField {...textProps(form, 'login')} label="Login" options={loginOptions} />
      </div>
      {form.values.login === 'keyFile' ? <KeyFileField form={form} /> : null}
      {form.values.login === 'several' ? <MethodFields form={form} /> : null}
      {form.values.login === 'agent' ? null : <CredentialField form={form} />}
    </>
  );
}

/** Not shown for the agent, which asks for no secret. */
function CredentialField({ form }: { form: ApplianceFormState }) {
  const known = useCredentials().data?.credentials.map(({ name }) => name) ?? [];
  const { credential } = form.values;
  if (known.length === 0 && credential === '') return null;
  const names = [...new Set([...known, ...(credential === '' ? [] : [credential])])];
  return (
    <SelectField
      {...textProps(form, 'credential')}
      label="Credential"
      options={[
        { value: '', label: 'None: ask when needed' },
        ...names.map((value) => ({ value, label: value })),
      ]}
      description="Answers for the password, the passphrase of the key file, and sudo. Never sent to a jump host."
    />
  );
}

function KeyFileField({ form }: { form: ApplianceFormState }) {
  return (
    <TextField
      {...textProps(form, 'keyFile')}
      label="Key file"
      placeholder="~/.ssh/id_ed25519"
      description="Path on this computer. If the key has a passphrase, you’ll be asked for it. A passphrase is never saved."
      machine
    />
  );
}

function MethodFields({ form }: { form: ApplianceFormState }) {
  return (
    <fieldset className={formStyles.formSet}>
      <legend>Methods, tried in this order</legend>
      <CheckField {...checkProps(form, 'agent')} label="SSH agent" />
      <KeyFileField form={form} />
      <CheckField {...checkProps(form, 'password')} label="Password (asked for when needed)" />
      <CheckField
        {...checkProps(form, 'keyboardInteractive')}
        label="Keyboard-interactive (one-time codes)"
      />
      {form.errors['login'] === undefined ? null : (
        <p className={formStyles.kitError} role="alert">
          {form.errors['login']}
        </p>
      )}
    </fieldset>
  );
}
