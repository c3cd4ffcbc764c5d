import { useEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { SelectField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { deadlineWords } from '../changes/PlanParts.tsx';
import { BulkPlan } from './BulkPlan.tsx';
import { bulkTitle, closeBulk, type BulkRequest, useBulkRequest } from './bulkRequest.ts';
import { BulkRun } from './BulkRun.tsx';
import { type BulkChange, useBulkChange } from './useBulkChange.ts';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const overlaps = [
  { value: '1', label: '1 hour' },
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
];

/**
 * Changes one or several tenants: shows what the change ends, asks for the reason, and shows each result.
 */
export function BulkDialog() {
  const { request } = useBulkRequest();
  return request === null ? null : <OpenDialog request={request} />;
}

function OpenDialog({ request }: { request: BulkRequest }) {
  const change = useBulkChange(request);
  const { step } = change;
  const close = (): void => {
    // A closed dialog would not stop the run, and an unsaved private key would be lost.
    if (step.step !== 'running') closeBulk();
  };
  return (
    <Dialog opened onClose={close} title={bulkTitle(request)} size={720}>
      <Step request={request} change={change} onClose={close} />
    </Dialog>
  );
}

function Step({
  request,
  change,
  onClose,
}: {
  request: BulkRequest;
  change: BulkChange;
  onClose: () => void;
}) {
  const { step } = change;
  switch (step.step) {
    case 'idle':
      return request.kind === 'rotate' ? (
        <OverlapForm request={request} change={change} onClose={onClose} />
      ) : (
        <PlanAtOnce change={change} />
      );
    case 'planning':
      return (
        <p className={text.sub} aria-live="polite">
          Preparing the plan: {step.done} of {request.tenants.length} tenants…
        </p>
      );
    case 'planned':
      return <BulkPlan request={request} change={change} planned={step} onClose={onClose} />;
    case 'running':
    case 'ended':
      return <BulkRun request={request} change={change} run={step} onClose={onClose} />;
  }
}

function PlanAtOnce({ change }: { change: BulkChange }) {
  const plan = useRef(change.plan);
  useEffect(() => void plan.current(0), []);
  return null;
}

function OverlapForm({
  request,
  change,
  onClose,
}: {
  request: BulkRequest;
  change: BulkChange;
  onClose: () => void;
}) {
  const [hours, setHours] = useState('24');
  const now = useNow();
  return (
    <Form className={layout.stack} onSubmit={() => void change.plan(Number(hours))}>
      <p>
        A new key pair is generated on the appliance for each tenant. The run pauses after each tenant until
        you save its private key, because each key is shown only once.
      </p>
      <SelectField label="Old keys stay valid for" value={hours} onChange={setHours} options={overlaps} />
      <p className={text.sub}>
        The old keys expire on {deadlineWords(Number(hours), now)}. Old and new keys are valid until then. To
        use the tenants’ own public keys, or to make an old key invalid at once, rotate each tenant’s key
        separately.
      </p>
      <div className={form.formActions}>
        <span className={layout.grow} />
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" submit>
          {request.tenants.length === 1 ? 'Show plan' : 'Show plans'}
        </Button>
      </div>
    </Form>
  );
}
