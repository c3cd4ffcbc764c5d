import { formatAddress } from '../../../../src-shared/model/appliance/address.ts';
import { useState } from 'react';
import type { HostKey } from '../../../../src-shared/model/appliance/hostKey.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { setView, useViewState } from '../../../state/viewState.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { type ApplianceForm, emptyForm, errorsAfter, type FormErrors, readForm } from '../formModel.ts';
import { useAddAppliance, useScanHostKey } from '../mutations.ts';
import { ApplianceFields } from './ApplianceFields.tsx';
import { HostKeyCompare } from './HostKeyCompare.tsx';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

function close(): void {
  setView({ addingAppliance: false });
}

/** Adds an appliance: the form, the fingerprint to compare, then the first connection. */
export function AddApplianceDialog() {
  const opened = useViewState((state) => state.addingAppliance);
  return (
    <Dialog opened={opened} onClose={close} title="Add appliance" size={620}>
      {opened ? <AddApplianceForm /> : null}
    </Dialog>
  );
}

function AddApplianceForm() {
  const navigateTo = useNavigateTo();
  const [form, setForm] = useState<ApplianceForm>(emptyForm);
  const [errors, setErrors] = useState<FormErrors>({});
  const [accepted, setAccepted] = useState<HostKey | null>(null);
  const scan = useScanHostKey();
  const add = useAddAppliance();

  const change = (part: Partial<ApplianceForm>): void => {
    setForm((current) => ({ ...current, ...part }));
    setErrors((current) => errorsAfter(current, part));
    // A fingerprint belongs to the address it was read from.
    if ('address' in part || 'jumps' in part) {
      setAccepted(null);
      scan.reset();
    }
    add.reset();
  };

  const fetchFingerprint = (): void => {
    const read = readForm({ ...form, name: form.name.trim() === '' ? 'unnamed' : form.name });
    if ('errors' in read) {
      setErrors(read.errors);
      return;
    }
    setErrors({});
    setAccepted(null);
    const { target, jumps, legacyAlgorithms } = read.input;
    scan.mutate({ target, jumps, legacyAlgorithms });
  };

  const submit = (): void => {
    const read = readForm(form);
    if ('errors' in read) {
      setErrors(read.errors);
      return;
    }
    add.mutate(
      { appliance: read.input, hostKey: accepted },
      {
        onSuccess: ({ appliance }) => {
          close();
          navigateTo(places.appliance(appliance.name));
        },
      },
    );
  };

  return (
    <Form className={formStyles.form} onSubmit={submit}>
      <ApplianceFields form={form} errors={errors} onChange={change} />
      {scan.error === null ? null : (
        <ErrorNotice error={toErrorData(scan.error)} onRetry={fetchFingerprint} />
      )}
      {scan.data === undefined ? null : (
        <HostKeyCompare
          hop={hopOf(form)}
          offered={scan.data.offered}
          pinned={scan.data.pinned}
          accepted={accepted !== null}
          onAccept={() => setAccepted(scan.data.offered)}
          onRefuse={() => {
            setAccepted(null);
            scan.reset();
          }}
        />
      )}
      {add.error === null ? null : <ErrorNotice error={toErrorData(add.error)} />}
      <div className={formStyles.formActions}>
        <span className={`${text.sub} ${layout.grow}`}>
          {accepted === null
            ? 'You can also verify the host key when it first connects.'
            : 'This host key will be pinned.'}
        </span>
        <Button onClick={fetchFingerprint} busy={scan.isPending}>
          Fetch fingerprint
        </Button>
        <Button kind="primary" submit busy={add.isPending}>
          Add appliance
        </Button>
      </div>
    </Form>
  );
}

function hopOf(form: ApplianceForm): string {
  const read = readForm({ ...form, name: 'unnamed' });
  return 'input' in read ? formatAddress(read.input.target) : form.address;
}
