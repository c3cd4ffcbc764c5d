import { readCommands, readCommandSchema } from '../../../../src-shared/model/fanOut/readCommands.ts';
import { taskKinds } from '../../../../src-shared/model/fanOut/runOrder.ts';
import { quotaActionSchema } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { SelectField, TextArea, TextField } from '../../../ui/form/Fields.tsx';
import { FormGrid } from '../../../ui/form/Form.tsx';
import { Segments } from '../../../ui/layout/Segments.tsx';
import { useMay } from '../../system/queries.ts';
import { findKeysProblem, type TaskChoice } from '../choices.ts';
import layout from '../../../ui/layout/layout.module.css';

const kinds = [
  { value: 'read', text: 'Read' },
  { value: 'tenant', text: 'Change a tenant' },
  { value: 'configuration', text: 'Set configuration keys' },
] as const;

const actions = { suspend: 'Suspend', resume: 'Resume', change: 'Change quota' } as const;
const actionKinds = quotaActionSchema.options.map((option) => option.shape.kind.value);

/** What to run: a command that only reads, or a change. Kinds above the operator's role are not offered. */
export function TaskFields({ task, onChange }: { task: TaskChoice; onChange: (task: TaskChoice) => void }) {
  const may = {
    viewer: true,
    operator: useMay('operator'),
    admin: useMay('admin'),
  };
  const change = (changes: Partial<TaskChoice>): void => onChange({ ...task, ...changes });
  return (
    <div className={layout.stack}>
      <div>
        <Segments
          label="Kind"
          value={task.kind}
          options={kinds.filter(({ value }) => may[taskKinds[value].role])}
          onChange={(kind) => change({ kind })}
        />
      </div>
      {task.kind === 'read' ? (
        <SelectField
          label="Command"
          value={task.command}
          options={readCommandSchema.options.map((value) => ({
            value,
            label: `${readCommands[value].label} (${readCommands[value].argv.join(' ')})`,
          }))}
          onChange={(value) => change({ command: readCommandSchema.parse(value) })}
        />
      ) : null}
      {task.kind === 'tenant' ? (
        <FormGrid>
          <SelectField
            label="Change"
            value={task.action}
            options={actionKinds.map((value) => ({ value, label: actions[value] }))}
            onChange={(value) => {
              const action = actionKinds.find((kind) => kind === value);
              if (action !== undefined) change({ action });
            }}
          />
          <TextField
            label="Tenant"
            value={task.clientId}
            onChange={(clientId) => change({ clientId })}
            placeholder="acme"
            machine
          />
          {task.action === 'suspend' ? null : (
            <TextField
              label="Quota (ports)"
              value={task.quota}
              onChange={(quota) => change({ quota })}
              placeholder="20"
              machine
            />
          )}
        </FormGrid>
      ) : null}
      {task.kind === 'configuration' ? (
        <TextArea
          label="Keys to set (YAML)"
          value={task.keys}
          rows={6}
          onChange={(keys) => change({ keys })}
          placeholder={'ssl:\n  is_configured: true'}
          description="Each appliance keeps its other keys and its secrets. Secrets can’t be set here."
          error={findKeysProblem(task.keys) ?? undefined}
        />
      ) : null}
    </div>
  );
}
