import { formatAddress } from '../../../../src-shared/model/appliance/address.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { type ApplianceForm, hostKeyBasis, parseAddress, suggestName } from '../formModel.ts';
import { useAddAppliance, useScanHostKey } from '../mutations.ts';
import { readValid, useApplianceForm } from '../useApplianceForm.ts';
import type { ApplianceDialogProps } from './ApplianceDialogs.tsx';
import { MoreFields, NameFields } from './ApplianceFields.tsx';
import { HostKeyCheck, useHostKeyCheck } from './HostKeyCheck.tsx';
import { LoginFields } from './LoginFields.tsx';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const withName = (values: ApplianceForm): ApplianceForm =>
  values.name.trim() === '' ? { ...values, name: suggestName(values.address) } : values;

/**
 * State of the form: its values, the scanned host key and its comparison, and the two ways to add the
 * appliance.
 */
function useAdding(
  initial: ApplianceForm,
  { onDone, onUnsaved }: Pick<ApplianceDialogProps, 'onDone' | 'onUnsaved'>,
) {
  const navigateTo = useNavigateTo();
  const scan = useScanHostKey();
  const add = useAddAppliance();
  const hostKey = scan.data ?? null;
  const check = useHostKeyCheck(hostKey);
  const form = useApplianceForm(initial, {
    onUnsaved,
    onChange: (values, previous) => {
      add.reset();
      // Compared by value, because @mantine/form copies the jump hosts with every change of any field.
      if (hostKeyBasis(values) === hostKeyBasis(previous)) return;
      scan.reset();
      check.reset();
    },
  });
  const fetchFingerprint = (): void => {
    // Scanning the host key needs no name, so use a placeholder if the name is empty.
    const input = readValid(form, { ...form.values, name: withName(form.values).name || 'unnamed' });
    if (input === null) return;
    check.reset();
    scan.mutate({
      target: input.target,
      jumps: input.jumps,
      legacyAlgorithms: input.legacyAlgorithms,
    });
  };
  const addWith = (accepted: typeof hostKey): void => {
    const appliance = readValid(form, withName(form.values));
    if (appliance === null) return;
    add.mutate(
      { appliance, hostKey: accepted?.offered ?? null, isLocked: form.values.locked },
      {
        onSuccess: ({ name }) => {
          onDone();
          navigateTo(places.appliance(name));
        },
      },
    );
  };
  return { form, scan, add, hostKey, check, fetchFingerprint, addWith };
}

/** Adds an appliance: address and login, the fingerprint to compare, then the first connection. */
export function AddApplianceForm({
  initial,
  onDone,
  onUnsaved,
}: { initial: ApplianceForm } & Pick<ApplianceDialogProps, 'onDone' | 'onUnsaved'>) {
  const adding = useAdding(initial, { onDone, onUnsaved });
  const { form, scan, add, hostKey, check } = adding;
  const submit = (): void => {
    if (hostKey === null) adding.fetchFingerprint();
    else if (check.comparison?.canAccept === true) adding.addWith(hostKey);
  };
  const target = parseAddress(form.values.address);
  return (
    <Form className={formStyles.form} onSubmit={submit}>
      <LoginFields form={form} />
      {scan.error === null ? null : (
        <ErrorNotice error={toErrorData(scan.error)} onRetry={adding.fetchFingerprint} />
      )}
      {hostKey === null ? null : (
        <HostKeyCheck
          key={hostKey.offered.fingerprint}
          hop={target === null ? form.values.address : formatAddress(target)}
          hostKey={hostKey}
          check={check}
        />
      )}
      <NameFields form={form} isNew />
      <MoreFields form={form} isOpen={initial.address === '' && initial.jumps.length > 0} />
      {add.error === null ? null : <ErrorNotice error={toErrorData(add.error)} />}
      <AddFoot adding={adding} />
    </Form>
  );
}

/**
 * The next step and its button. Adding without a fingerprint has a separate button with an explanation.
 */
function AddFoot({ adding }: { adding: ReturnType<typeof useAdding> }) {
  const { form, scan, add, hostKey, check } = adding;
  const name = withName(form.values).name;
  const next =
    hostKey === null
      ? 'No user name or password is sent to the appliance until you accept its fingerprint.'
      : check.comparison?.canAccept === true
        ? 'The host key will be pinned. Nothing is changed on the appliance.'
        : check.comparison?.tone === 'off'
          ? '' // The fields above already show this text.
          : (check.comparison?.text ?? '');
  return (
    <div className={formStyles.formActions}>
      <span className={`${text.sub} ${layout.grow}`}>{next}</span>
      {hostKey === null ? (
        <>
          <Button
            busy={add.isPending}
            onClick={() => adding.addWith(null)}
            title="You’ll compare the fingerprint when you first connect. The appliance stays disconnected until then."
          >
            Add and compare later
          </Button>
          <Button kind="primary" submit busy={scan.isPending}>
            Fetch fingerprint
          </Button>
        </>
      ) : (
        <Button
          kind="primary"
          submit
          busy={add.isPending}
          disabled={check.comparison?.canAccept !== true}
          title={next}
        >
          Accept and add{name === '' ? '' : ` ${name}`}
        </Button>
      )}
    </div>
  );
}
