import type { ReactNode } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { places } from '../../../state/places.ts';
import { openApplianceDialog } from '../../../state/viewState.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { CopyLine } from '../../../ui/text/CopyLine.tsx';
import { useMay } from '../../system/queries.ts';
import { useAddTenant } from '../../../state/addTenant.ts';
import styles from '../fleet.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

/** The same commands as in the README. `kiln-01.example.com` is the example appliance. */
const copyKitCommand = 'scp -r out/kit ubuntu@kiln-01.example.com:kit';
const labCommand = 'npm start';
const installKitCommand = 'sh /home/ubuntu/kit/install.sh --admin ubuntu --appliance-version 1.34.2';

/**
 * Returns which steps the console has seen completed. A step without evidence is not ticked, even if it was
 * done.
 */
export function seenSteps(appliances: readonly ApplianceView[]) {
  return {
    kit: appliances.some(({ status }) => status !== null),
    appliance: appliances.length > 0,
    tenant: appliances.some(({ tenants }) => tenants !== null && tenants.total > 0),
    session: appliances.some(({ tenants }) => tenants !== null && tenants.withSession > 0),
  };
}

/** The page of a fleet without appliances. */
export function FirstStart() {
  return (
    <>
      <PageHead title="Fleet" sub="no appliances yet" />
      <StepsCard appliances={[]} />
      <Card title="Or try the lab first" label="Try the lab">
        <div className={`${layout.stack} ${layout.tight}`}>
          <p className={text.sub}>
            The lab is a set of sample appliances on this computer. Stop this console, then run this in the
            Sallyport folder. The lab’s data is gone after Ctrl+C.
          </p>
          <CopyLine text={labCommand} label="Command that starts the lab" />
        </div>
      </Card>
    </>
  );
}

/** The remaining first steps, shown until the first tenant has connected. */
export function FirstSteps({ appliances }: { appliances: readonly ApplianceView[] }) {
  const { tenant, session } = seenSteps(appliances);
  // A fleet that already has several appliances and tenants doesn't need the first steps, even before its
  // sessions are seen.
  return session || (tenant && appliances.length > 1) ? null : <StepsCard appliances={appliances} />;
}

function StepsCard({ appliances }: { appliances: readonly ApplianceView[] }) {
  const seen = seenSteps(appliances);
  return (
    <Card title="First steps" label="First steps">
      <ol className={styles.steps}>
        <Step number={1} isDone={seen.kit} title="Install the kit on the appliance">
          <span className={text.sub}>
            Copy the kit from the Sallyport folder to the appliance, then run its installer there as root.
          </span>
          <CopyLine text={copyKitCommand} label="Command that copies the kit" />
          <CopyLine text={installKitCommand} label="Command that installs the kit" />
        </Step>
        <Step number={2} isDone={seen.appliance} title="Add the appliance" action={<AddActions />}>
          <span className={text.sub}>
            Enter its address and login. You’ll compare its host key before anything else is sent.
          </span>
        </Step>
        <Step
          number={3}
          isDone={seen.tenant}
          title="Add a tenant"
          action={<AddTenantAction appliances={appliances} />}
        >
          <span className={text.sub}>
            A tenant is a customer site and the ports it may use on the appliance.
          </span>
        </Step>
        <Step
          number={4}
          isDone={seen.session}
          title="Hand over to the site"
          action={seen.tenant ? <PlaceLink to={places.tenants()}>Go to the tenant</PlaceLink> : null}
        >
          <span className={text.sub}>
            Create a handover pack for the tenant. Done when the site’s first session is seen.
          </span>
        </Step>
      </ol>
    </Card>
  );
}

function Step(props: {
  number: number;
  isDone: boolean;
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <li data-done={props.isDone} aria-label={`${props.title}: ${props.isDone ? 'seen' : 'to do'}`}>
      <span className={styles.stepNumber} aria-hidden="true">
        {props.isDone ? '✓' : props.number}
      </span>
      <div className={styles.stepText}>
        <h3>{props.title}</h3>
        {props.isDone ? null : props.children}
      </div>
      <div>{props.isDone ? <span className={text.faint}>seen</span> : props.action}</div>
    </li>
  );
}

function AddActions() {
  if (!useMay('admin')) return <span className={text.faint}>Needs an admin</span>;
  return (
    <span className={layout.row}>
      <Button onClick={() => openApplianceDialog({ kind: 'import' })}>Import…</Button>
      <Button kind="primary" onClick={() => openApplianceDialog()}>
        Add appliance
      </Button>
    </span>
  );
}

function AddTenantAction({ appliances }: { appliances: readonly ApplianceView[] }) {
  const addTenant = useAddTenant();
  if (!useMay('operator')) return <span className={text.faint}>Needs an operator</span>;
  const connected = appliances.find(({ link }) => link.state === 'connected');
  return (
    <Button
      disabled={connected === undefined}
      title={connected === undefined ? 'Connect an appliance first' : ''}
      onClick={() => addTenant?.(connected?.entry.id ?? null)}
    >
      Add tenant
    </Button>
  );
}
