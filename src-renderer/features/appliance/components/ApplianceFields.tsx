import { Button } from '../../../ui/layout/Button.tsx';
import { CheckField, SelectField, TextField } from '../../../ui/form/Fields.tsx';
import type { ApplianceForm, FormErrors } from '../formModel.ts';
import { FormGrid } from '../../../ui/form/Form.tsx';
import formStyles from '../../../ui/form/form.module.css';

const sudoOptions = [
  { value: 'nopasswd', label: 'Passwordless sudo' },
  { value: 'password', label: 'Sudo with password' },
  { value: 'none', label: 'No sudo (user has permission)' },
];

type FieldsProps = {
  form: ApplianceForm;
  errors: FormErrors;
  onChange: (change: Partial<ApplianceForm>) => void;
};

function isSudo(value: string): value is ApplianceForm['sudo'] {
  return value === 'none' || value === 'nopasswd' || value === 'password';
}

/** Name, address, way in: shared by adding and editing. */
export function ApplianceFields({ form, errors, onChange }: FieldsProps) {
  return (
    <>
      <FormGrid>
        <TextField
          label="Name"
          value={form.name}
          onChange={(name) => onChange({ name })}
          error={errors['name']}
          placeholder="kiln-01"
          machine
          runInProcess
        />
        <TextField
          label="Group"
          value={form.group}
          onChange={(group) => onChange({ group })}
          error={errors['group']}
          placeholder="Plant A"
        />
      </FormGrid>
      <TextField
        label="Address"
        value={form.address}
        onChange={(address) => onChange({ address })}
        error={errors['address']}
        placeholder="ubuntu@kiln-01.plant.lan:22"
        description="user@host:port. Defaults: user ubuntu, port 22"
        machine
      />
      <FormGrid>
        <TextField
          label="Cluster"
          value={form.cluster}
          onChange={(cluster) => onChange({ cluster })}
          error={errors['cluster']}
          placeholder="kiln"
          description="Use the same name on every member. Leave empty for a single appliance."
        />
        <TextField
          label="Description"
          value={form.description}
          onChange={(description) => onChange({ description })}
          error={errors['description']}
        />
      </FormGrid>
      <fieldset className={formStyles.formSet}>
        <legend>Authentication (tried in this order)</legend>
        <CheckField label="SSH agent" checked={form.agent} onChange={(agent) => onChange({ agent })} />
        <TextField
          label="Key file"
          value={form.keyFile}
          onChange={(keyFile) => onChange({ keyFile })}
          error={errors['keyFile']}
          placeholder="~/.ssh/id_ed25519"
          description="Path on this computer. You’ll be asked for its passphrase; it is never saved."
          machine
        />
        <CheckField
          label="Password (asked for when needed)"
          checked={form.password}
          onChange={(password) => onChange({ password })}
        />
        <CheckField
          label="Keyboard-interactive (one-time codes)"
          checked={form.keyboardInteractive}
          onChange={(keyboardInteractive) => onChange({ keyboardInteractive })}
        />
        {errors['authentication'] === undefined ? null : (
          <p className={formStyles.kitError} role="alert">
            {errors['authentication']}
          </p>
        )}
      </fieldset>
      <JumpFields form={form} errors={errors} onChange={onChange} />
      <SelectField
        label="Privileged commands"
        value={form.sudo}
        onChange={(sudo) => (isSudo(sudo) ? onChange({ sudo }) : undefined)}
        options={sudoOptions}
      />
      <CheckField
        label="Allow legacy algorithms (SHA-1, RSA host keys under 2048 bits)"
        checked={form.legacyAlgorithms}
        onChange={(legacyAlgorithms) => onChange({ legacyAlgorithms })}
      />
    </>
  );
}

function JumpFields({ form, errors, onChange }: FieldsProps) {
  const nextId = Math.max(0, ...form.jumps.map((jump) => jump.id)) + 1;
  const change = (id: number, part: Partial<ApplianceForm['jumps'][number]>): void =>
    onChange({ jumps: form.jumps.map((jump) => (jump.id === id ? { ...jump, ...part } : jump)) });
  return (
    <fieldset className={formStyles.formSet}>
      <legend>Jump hosts (in order)</legend>
      {form.jumps.map((jump, index) => (
        <div key={jump.id} className={formStyles.formJump}>
          <TextField
            label={`Jump host ${index + 1}`}
            value={jump.address}
            onChange={(address) => change(jump.id, { address })}
            error={errors[`jump-${jump.id}-address`]}
            placeholder="ops@gateway.plant.lan"
            machine
          />
          <TextField
            label="Key file"
            value={jump.keyFile}
            onChange={(keyFile) => change(jump.id, { keyFile })}
            error={errors[`jump-${jump.id}-keyFile`]}
            placeholder={jump.own !== null && jump.own.keyFile === null ? 'none' : 'as above'}
            machine
          />
          <Button
            kind="quiet"
            label={`Remove jump host ${index + 1}`}
            onClick={() => onChange({ jumps: form.jumps.filter((one) => one.id !== jump.id) })}
          >
            ✕
          </Button>
        </div>
      ))}
      <div>
        <Button
          small
          disabled={form.jumps.length >= 8}
          onClick={() =>
            onChange({ jumps: [...form.jumps, { id: nextId, address: '', keyFile: '', own: null }] })
          }
        >
          Add jump host
        </Button>
      </div>
    </fieldset>
  );
}
