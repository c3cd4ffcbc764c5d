import { useState } from 'react';
import {
  deploymentNames,
  deployments,
  type Deployment,
} from '../../../src-shared/model/connectYaml/deployments.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { ChoiceField } from '../../ui/form/ChoiceField.tsx';
import { Dialog } from '../../ui/layout/Dialog.tsx';
import { Form } from '../../ui/form/Form.tsx';
import { ErrorNotice } from '../../ui/feedback/States.tsx';
import { AddressField } from './components/AddressField.tsx';
import { HandOverPack } from './components/HandOverPack.tsx';
import { filledRows, newRow, RepositoryRows, type RepositoryRow } from './components/RepositoryRows.tsx';
import { useHandOver } from './queries.ts';
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
  if (handOver.data !== undefined)
    return <HandOverPack pack={handOver.data} onBack={() => handOver.reset()} />;
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
      <AddressField
        applianceId={applianceId}
        label={`Public address of ${applianceName}`}
        value={address}
        onChange={setAddress}
      />
      <ChoiceField
        label="Where Connect runs"
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
