import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { textProps } from '../../../ui/form/useFormState.ts';
import type { ApplianceFormState } from '../useApplianceForm.ts';
import formStyles from '../../../ui/form/form.module.css';

const maxJumps = 8;

/** The jump hosts between the console and the appliance. */
export function JumpFields({ form }: { form: ApplianceFormState }) {
  const { jumps } = form.values;
  const nextId = Math.max(0, ...jumps.map((jump) => jump.id)) + 1;
  return (
    <fieldset className={formStyles.formSet}>
      <legend>Jump hosts (in order)</legend>
      {jumps.map((jump, index) => (
        <div key={jump.id} className={formStyles.formJump}>
          <TextField
            {...textProps(form, `jumps.${index}.address`)}
            label={`Jump host ${index + 1}`}
            placeholder="ops@gateway.plant.lan"
            machine
          />
          <TextField
            {...textProps(form, `jumps.${index}.keyFile`)}
            label="Key file"
            placeholder={jump.own !== null && jump.own.keyFile === null ? 'none' : 'as above'}
            machine
          />
          <Button
            kind="quiet"
            label={`Remove jump host ${index + 1}`}
            onClick={() => form.removeListItem('jumps', index)}
          >
            ✕
          </Button>
        </div>
      ))}
      <div>
        <Button
          small
          disabled={jumps.length >= maxJumps}
          {...(jumps.length >= maxJumps ? { title: `At most ${maxJumps} jump hosts` } : {})}
          onClick={() => form.insertListItem('jumps', { id: nextId, address: '', keyFile: '', own: null })}
        >
          Add jump host
        </Button>
      </div>
    </fieldset>
  );
}
