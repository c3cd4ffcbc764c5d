import { lookAlikeSentence } from '../../../../src-shared/base/lookAlikes.ts';
import { type ReactNode, useState } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { removeHighestPorts, subtractPorts } from '../../../../src-shared/model/tenants/allocation.ts';
import {
  countPorts,
  formatRanges,
  portCount,
  type PortRange,
} from '../../../../src-shared/model/tenants/ports.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { capacityAfter } from './labels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The quota typed in `text`, or the message that says what is wrong with it. */
export function readQuota(text: string): { quota: number } | { error: string } {
  const quota = /^\d{1,4}$/u.test(text.trim()) ? Number(text.trim()) : 0;
  if (quota < 1 || quota > portCount)
    return { error: `A whole number from 1 to ${portCount}.${lookAlikeSentence(text)}` };
  return { quota };
}

/** How full the appliance would be if this tenant had that many ports; nothing if unknown. */
export function QuotaUse({ applianceId, held, text }: { applianceId: string; held: number; text: string }) {
  const ports = useAppliances().find((view) => view.entry.id === applianceId)?.ports ?? null;
  const read = readQuota(text);
  if (ports === null || 'error' in read) return null;
  const use = capacityAfter({ allotted: ports.allotted, held, quota: read.quota });
  return (
    <p className={textStyles.sub} data-testid="quota-use">
      <span className={use.fits ? undefined : feedback.word} data-tone={use.fits ? undefined : 'bad'}>
        {use.text}
      </span>
    </p>
  );
}

/** Sets the quota of an existing tenant, either to change it or to resume a suspended tenant. */
export function QuotaForm(props: {
  kind: 'change' | 'resume';
  view: TenantView;
  onPlan: (quota: number) => void;
  onClose: () => void;
  start: string | null;
}) {
  const { view, kind } = props;
  const { tenant, quotaBefore } = view;
  const held = countPorts(tenant.ports);
  const usual = kind === 'resume' ? (quotaBefore ?? (held === 0 ? null : held)) : tenant.quota;
  const [text, setText] = useState(props.start ?? (usual === null ? '' : String(usual)));
  const [isAsked, setIsAsked] = useState(false);
  const read = readQuota(text);
  const same = kind === 'change' && 'quota' in read && read.quota === tenant.quota;
  const title = kind === 'resume' ? `Resume ${tenant.clientId}` : `Change the quota of ${tenant.clientId}`;
  return (
    <Card title={title} label={title}>
      <Form
        className={layout.stack}
        onSubmit={() => {
          setIsAsked(true);
          if ('quota' in read && !same) props.onPlan(read.quota);
        }}
      >
        <TextField
          label="Quota (ports)"
          value={text}
          onChange={setText}
          error={isAsked && 'error' in read ? read.error : undefined}
          description={
            same ? 'current quota' : kind === 'resume' ? resumeWords(view) : `current quota: ${tenant.quota}`
          }
          machine
          hasInitialFocus
        />
        <QuotaUse applianceId={view.applianceId} held={held} text={text} />
        {kind === 'resume' && held > 0 && 'quota' in read ? (
          <KeptPorts ports={tenant.ports} quota={read.quota} />
        ) : null}
        <FormEnd onClose={props.onClose}>
          <Button kind="primary" submit disabled={same}>
            Show plan
          </Button>
        </FormEnd>
      </Form>
    </Card>
  );
}

/** Says which ports a resumed tenant keeps: a smaller quota releases the highest. */
function KeptPorts({ ports, quota }: { ports: readonly PortRange[]; quota: number }) {
  const kept = removeHighestPorts(ports, countPorts(ports) - quota);
  const givenUp = subtractPorts(ports, kept);
  return (
    <p className={textStyles.sub}>
      {givenUp.length === 0 ? 'Keeps all its ports: ' : 'Keeps ports '}
      <span className={textStyles.mono}>{formatRanges(kept)}</span>
      {givenUp.length === 0 ? null : (
        <>
          . Releases <span className={textStyles.mono}>{formatRanges(givenUp)}</span>
        </>
      )}
    </p>
  );
}

function resumeWords({ quotaBefore }: TenantView): string {
  return quotaBefore === null
    ? 'Its quota before suspension is unknown'
    : `Quota before suspension: ${quotaBefore}`;
}

export function FormEnd({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <div className={form.formActions}>
      <span className={layout.grow} />
      <Button onClick={onClose}>Cancel</Button>
      {children}
    </div>
  );
}
