import { applianceColours, colourSchema } from '../../../../src-shared/model/appliance/tags.ts';
import { connectModeNames } from '../../../../src-shared/model/appliance/connectModeNames.ts';
import { connectModes } from '../../../../src-shared/model/appliance/connectModes.ts';
import { CheckField, SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { FormGrid } from '../../../ui/form/Form.tsx';
import { suggestName } from '../formModel.ts';
import { textProps } from '../../../ui/form/useFormState.ts';
import { type ApplianceFormState, checkProps } from '../useApplianceForm.ts';
import { JumpFields } from './JumpFields.tsx';
import { sudoLabels } from '../../fleet/labels.ts';
import styles from '../appliance.module.css';
import text from '../../../ui/text/text.module.css';

const sudoOptions = Object.entries(sudoLabels).map(([value, label]) => ({ value, label }));
const connectOptions = connectModeNames.map((value) => ({ value, label: connectModes[value].label }));
const colourOptions = colourSchema.options.map((value) => ({ value, label: applianceColours[value].label }));

/** The name, and whether the appliance is in production. */
export function NameFields({ form, isNew = false }: { form: ApplianceFormState; isNew?: boolean }) {
  const suggested = isNew ? suggestName(form.values.address) : '';
  return (
    <div className={styles.nameFields}>
      <TextField
        {...textProps(form, 'name')}
        label="Name"
        placeholder={suggested === '' ? 'kiln-01' : suggested}
        {...(suggested === '' ? {} : { description: `If left empty: ${suggested}, from the address.` })}
        machine
      />
      <CheckField
        label="Mark as production"
        checked={form.values.colour === 'red'}
        onChange={(isProduction) => form.setFieldValue('colour', isProduction ? 'red' : 'none')}
      />
    </div>
  );
}

/** The fields of `MoreFields`, which opens if one of them has an error. */
const moreFields = ['group', 'cluster', 'description', 'tags', 'jumps'];

/** Fields that most appliances don't need. */
export function MoreFields({ form, isOpen = false }: { form: ApplianceFormState; isOpen?: boolean }) {
  const hasError = Object.keys(form.errors).some((field) => moreFields.includes(field.split('.')[0] ?? ''));
  return (
    <details className={styles.more} open={isOpen || hasError}>
      <summary>
        More <span className={text.faint}>all optional</span>
      </summary>
      <div className={styles.moreFields}>
        <FormGrid>
          <TextField {...textProps(form, 'group')} label="Group" placeholder="Plant A" />
          <TextField
            {...textProps(form, 'tags')}
            label="Tags"
            placeholder="air-gapped, plant-a"
            description="Separate tags with commas."
          />
        </FormGrid>
        <TextField {...textProps(form, 'description')} label="Description" />
        <JumpFields form={form} />
        <FormGrid>
          <SelectField {...textProps(form, 'sudo')} label="Sudo" options={sudoOptions} />
          <SelectField {...textProps(form, 'colour')} label="Colour" options={colourOptions} />
        </FormGrid>
        <SelectField
          {...textProps(form, 'connect')}
          label="Connection"
          options={connectOptions}
          description={connectModes[form.values.connect].meaning}
        />
        <TextField
          {...textProps(form, 'cluster')}
          label="Cluster"
          placeholder="kiln"
          description="Use the same name on every member. Leave empty for a single appliance."
        />
        <CheckField
          {...checkProps(form, 'locked')}
          label="Read-only until unlocked"
          description="Changes to its tenants are refused. Viewing still works."
        />
        <CheckField
          {...checkProps(form, 'legacyAlgorithms')}
          label="Allow legacy algorithms (SHA-1, RSA host keys under 2048 bits)"
        />
      </div>
    </details>
  );
}
