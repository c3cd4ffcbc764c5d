import { useEffect, useRef } from 'react';
import { formatRanges } from '../../../../src-shared/model/tenants/ports.ts';
import type { TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { hrefOf, places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { MachineText } from '../../../ui/text/Machine.tsx';
import type { HandOverTenant } from '../../connect/HandOverDialog.tsx';
import { useRefresh } from '../../fleet/mutations.ts';
import type { ShownOutcome } from './useChange.ts';
import { nextStep } from './labels.ts';
import button from '../../../ui/layout/Button.module.css';
import card from '../../../ui/layout/Card.module.css';
import styles from './changes.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type OutcomeProps = {
  plan: TenantPlan;
  outcome: ShownOutcome;
  onClose: () => void;
  onHandOver?: ((tenant: HandOverTenant) => void) | undefined;
  /** Whether a private key must still be saved. Until then, no other button is primary. */
  isKeyUnsaved: boolean;
  /** Plans the change again; null if that would lose a private key. */
  onPlanAgain: (() => void) | null;
};

/** Shows the result and the next step. It says "done" only for changes that were verified. */
export function OutcomeView(props: OutcomeProps) {
  const { plan, outcome } = props;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.focus({ preventScroll: true });
    place.current?.closest('section')?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={place} tabIndex={-1} className={`${layout.stack} ${styles.outcome}`} aria-live="polite">
      <p>
        {outcome.code === null ? null : (
          <>
            <span className={`${textStyles.mono} ${textStyles.faint}`}>{outcome.code}</span>
            {' · '}
          </>
        )}
        <MomentText text={outcome.message} />
      </p>
      <OutcomeFacts plan={plan} outcome={outcome} />
      {outcome.leftover === null ? null : (
        <p className={feedback.word} data-tone="warn">
          A temporary file is not deleted yet. The console tries again:{' '}
          <MachineText text={outcome.leftover} />
        </p>
      )}
      <p className={textStyles.sub}>{nextStep(plan, outcome.state)}</p>
      <OutcomeButtons {...props} />
    </div>
  );
}

function OutcomeButtons({ plan, outcome, onClose, onHandOver, isKeyUnsaved, onPlanAgain }: OutcomeProps) {
  const refresh = useRefresh();
  const { applianceId, applianceName, action } = plan;
  const { clientId } = action;
  const details = { action: describeAction(plan), ...outcome };
  const isAdded = outcome.state === 'done' && action.kind === 'add' && plan.before === null;
  const handOver = isAdded ? onHandOver : undefined;
  const mainKind = isKeyUnsaved ? 'plain' : 'primary';
  return (
    <div className={form.formActions}>
      <Button kind="quiet" onClick={() => copyText(JSON.stringify(details, null, 2), 'Details copied')}>
        Copy details
      </Button>
      <span className={layout.grow} />
      {isAdded ? (
        <a className={button.btn} href={hrefOf(places.anyTenant(applianceName, clientId))} onClick={onClose}>
          View {clientId}
        </a>
      ) : null}
      {handOver === undefined ? null : (
        <Button kind={mainKind} onClick={() => handOver({ applianceId, applianceName, clientId })}>
          Create handover pack…
        </Button>
      )}
      {outcome.state === 'unknown' ? (
        <Button busy={refresh.isPending} onClick={() => refresh.mutate({ id: applianceId })}>
          Refresh
        </Button>
      ) : null}
      {onPlanAgain === null || outcome.state === 'done' || outcome.state === 'partly' ? null : (
        <Button onClick={onPlanAgain}>Plan again</Button>
      )}
      <Button kind={handOver === undefined ? mainKind : 'plain'} onClick={onClose}>
        Close
      </Button>
    </div>
  );
}

function describeAction({ action, applianceName }: TenantPlan): Record<string, string> {
  return { kind: action.kind, clientId: action.clientId, appliance: applianceName };
}

/** Facts that the message lacks: the new key, and the tenant as it is if the change failed. */
function OutcomeFacts({ plan, outcome }: { plan: TenantPlan; outcome: ShownOutcome }) {
  const { tenant } = outcome;
  const facts: [string, string][] = [];
  if (tenant !== null && outcome.state !== 'done') {
    facts.push(['Quota', String(tenant.quota)]);
    facts.push(['Ports', tenant.ports.length === 0 ? 'none' : formatRanges(tenant.ports)]);
  }
  const { kind } = plan.action;
  if (outcome.fingerprint !== null && (kind === 'add' || kind === 'rotate'))
    facts.push(['Key', outcome.fingerprint]);
  if (facts.length === 0) return null;
  return (
    <dl className={card.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd>
            <MachineText text={value} />
          </dd>
        </div>
      ))}
      {outcome.observedAt === null ? null : (
        <div className={styles.fact}>
          <dt>Seen</dt>
          <dd>
            <Age observedAt={outcome.observedAt} />
          </dd>
        </div>
      )}
    </dl>
  );
}
