import { useState } from 'react';
import {
  deploymentNames,
  deployments,
  type Deployment,
} from '../../../src-shared/model/connectYaml/deployments.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { ChoiceField } from '../../ui/form/ChoiceField.tsx';
import { copyText } from '../../ui/text/copy.ts';
import { Dialog } from '../../ui/layout/Dialog.tsx';
import { TextField } from '../../ui/form/Fields.tsx';
import { Form } from '../../ui/form/Form.tsx';
import { MachineBlock } from '../../ui/text/Machine.tsx';
import { saveBytes } from '../../ui/text/saveText.ts';
import { ErrorNotice } from '../../ui/feedback/States.tsx';
import { filledRows, newRow, RepositoryRows, type RepositoryRow } from './components/RepositoryRows.tsx';
import { useHandOver } from './queries.ts';
import styles from './connect.module.css';
import form from '../../ui/form/form.module.css';
import layout from '../../ui/layout/layout.module.css';
import textStyles from '../../ui/text/text.module.css';

/** The tenant of the pack. */
export type HandOverTenant = { applianceId: string; applianceName: string; clientId: string };

/** Creates the files for a tenant's site and shows each one; none of them contains secrets. */
export function HandOverDialog({ onClose, ...tenant }: HandOverTenant & { onClose: () => void }) {
  return (
    <Dialog opened onClose={onClose} title={`Handover pack for ${tenant.clientId}`} size={820}>
      <HandOverForm {...tenant} onClose={onClose} />
    </Dialog>
  );
}

function HandOverForm({
  applianceId,
  applianceName,
  clientId,
  onClose,
}: HandOverTenant & { onClose: () => void }) {
  const [address, setAddress] = useState('');
  const [runs, setRuns] = useState<Deployment>('container');
  const [rows, setRows] = useState<RepositoryRow[]>(() => [newRow()]);
  const handOver = useHandOver();
  if (handOver.data !== undefined) return <Pack pack={handOver.data} onBack={() => handOver.reset()} />;
  return (
    <Form
      className={`${form.form} ${layout.stack}`}
      onSubmit={() =>
        handOver.mutate({
          applianceId,
          clientId,
          address: address.trim(),
          runs,
          repositories: filledRows(rows),
        })
      }
    >
      <TextField
        label={`Public address of ${applianceName}`}
        value={address}
        onChange={setAddress}
        placeholder="appliance.example.com:22"
        description="Public name or address of the appliance or its load balancer, with its SSH port."
        machine
        hasInitialFocus
      />
      <ChoiceField
        label="Software at the site"
        value={runs}
        onChange={setRuns}
        options={deploymentNames.map((value) => ({
          value,
          label: deployments[value].label,
          description: deployments[value].description,
        }))}
      />
      <RepositoryRows rows={rows} onChange={setRows} />
      {handOver.error === null ? null : <ErrorNotice error={toErrorData(handOver.error)} />}
      <div className={form.formActions}>
        <span className={`${textStyles.sub} ${layout.grow}`}>
          The files contain no key and nothing about this console.
        </span>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit busy={handOver.isPending} disabled={address.trim() === ''}>
          Create pack
        </Button>
      </div>
    </Form>
  );
}

type PackData = NonNullable<ReturnType<typeof useHandOver>['data']>;

function Pack({ pack, onBack }: { pack: PackData; onBack: () => void }) {
  const [name, setName] = useState(pack.files[0]?.name ?? '');
  const file = pack.files.find((one) => one.name === name);
  return (
    <div className={layout.stack}>
      <div className={styles.handOverFiles}>
        <nav aria-label="Files">
          {pack.files.map((one) => (
            <button
              key={one.name}
              type="button"
              aria-pressed={one.name === name}
              onClick={() => setName(one.name)}
            >
              {one.name}
            </button>
          ))}
        </nav>
        {file === undefined ? null : (
          <div className={styles.handOverFile}>
            <MachineBlock text={file.text} label={file.name} />
            <div className={layout.row}>
              <span
                className={`${layout.grow} ${textStyles.clip} ${textStyles.mono} ${textStyles.faint}`}
                title={`SHA-256 ${file.sha256}`}
              >
                sha256 {file.sha256}
              </span>
              <Button small onClick={() => copyText(file.text, `${file.name} copied`)}>
                Copy {file.name}
              </Button>
            </div>
          </div>
        )}
      </div>
      <div className={form.formActions}>
        <span className={`${textStyles.sub} ${layout.grow}`}>
          The pack holds no secrets. Send the private key separately.
        </span>
        <Button onClick={onBack}>Back</Button>
        <Button
          kind="primary"
          onClick={() =>
            saveBytes({ name: pack.archive.name, type: 'application/zip', base64: pack.archive.base64 })
          }
        >
          Download {pack.archive.name}
        </Button>
      </div>
    </div>
  );
}
