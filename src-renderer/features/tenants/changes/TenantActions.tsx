import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { type ReactNode, useLayoutEffect } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { useEscape } from '../../../ui/layout/useEscape.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { ActionMenu } from '../../../ui/layout/ActionMenu.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { places } from '../../../state/places.ts';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useLockReason } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { PanelChange } from './PanelChange.tsx';
import { type PendingPanelChange, type TenantChanges, useTenantChanges } from './changesContext.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './changes.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Ports of the tenant whose process can be ended: it is no live session, or sshd no longer watches over it. */
export function releasableListeners(view: TenantView): { port: number; pid: number; isStale: boolean }[] {
  return view.tunnels.flatMap(({ code, port }) => {
    const pid = view.tenant.forwards.find((forward) => forward.port === port)?.listener?.pid ?? null;
    const { nextCommand, isPortHeld = false } = tunnelCodes[code];
    return nextCommand === 'release' && port !== null && pid !== null
      ? [{ port, pid, isStale: isPortHeld }]
      : [];
  });
}

function isOf(view: TenantView, { pending }: TenantChanges): boolean {
  return (
    pending !== null &&
    'view' in pending &&
    pending.view.applianceId === view.applianceId &&
    pending.view.tenant.clientId === view.tenant.clientId
  );
}

/**
 * The card of a tenant with its actions, and below it the change in progress. `port`: set in the panel of one
 * tunnel. `head`: the head of the panel if this card is its first.
 */
export function TenantActions({
  view,
  port = null,
  head = null,
  children = null,
}: {
  view: TenantView;
  port?: number | null;
  head?: { title: ReactNode; aside: ReactNode } | null;
  children?: ReactNode;
}) {
  const changes = useTenantChanges();
  const may = useMay('operator');
  const { clientId } = view.tenant;
  const lock = useLockReason(view.applianceId);
  const canChange = changes !== null && may;
  const { title, aside } = head ?? {
    title: `Tenant ${clientId}`,
    aside: <Age observedAt={view.observedAt} />,
  };
  return (
    <>
      <Card
        title={title}
        label={`Tenant ${clientId}`}
        aside={
          <span className={layout.row}>
            {aside}
            <ActionMenu
              label={`More actions on ${clientId}`}
              disabled={changes?.change.step.step === 'applying'}
              actions={[
                {
                  text: `Syslog of ${clientId}`,
                  to: places.applianceSyslog(view.applianceName, { q: clientId }),
                },
                ...(canChange
                  ? [
                      {
                        text: `Remove ${clientId}…`,
                        run: () => changes.open({ at: 'panel', kind: 'remove', view }),
                        disabledReason: lock,
                      },
                    ]
                  : []),
              ]}
            />
          </span>
        }
      >
        {children}
        {canChange ? <ActionButtons view={view} port={port} changes={changes} lock={lock} /> : null}
      </Card>
      {canChange && changes.pending?.at === 'panel' && isOf(view, changes) ? (
        <StickyPanel pending={changes.pending} changes={changes} />
      ) : null}
    </>
  );
}

function StickyPanel({ pending, changes }: { pending: PendingPanelChange; changes: TenantChanges }) {
  const { holdPanel } = changes;
  const place = useEscape(changes.close);
  useLayoutEffect(() => holdPanel(), [holdPanel]);
  return (
    <div ref={place}>
      <PanelChange pending={pending} changes={changes} />
    </div>
  );
}

const shownListeners = 3;

function ActionButtons({
  view,
  port,
  changes,
  lock,
}: {
  view: TenantView;
  port: number | null;
  changes: TenantChanges;
  /** Why nothing can be changed; null if changes are possible. */
  lock: string | null;
}) {
  const { tenant } = view;
  const releasable = releasableListeners(view).filter((one) => port === null || one.port === port);
  const isBusy = changes.change.step.step === 'applying' || lock !== null;
  const panel = (name: 'change' | 'suspend' | 'resume', text: string, isDanger = false) => (
    <Button
      kind={isDanger ? 'danger' : 'plain'}
      disabled={isBusy}
      title={lock ?? ''}
      onClick={() => changes.open({ at: 'panel', kind: name, view })}
    >
      {text}
    </Button>
  );
  return (
    <fieldset className={styles.tenantActions} aria-label={`Change ${tenant.clientId}`}>
      {lock === null ? null : (
        <p className={textStyles.sub}>
          {lock} <PlaceLink to={places.appliance(view.applianceName)}>Open {view.applianceName}</PlaceLink>
        </p>
      )}
      {releasable.slice(0, shownListeners).map(({ port, pid, isStale }) => (
        <Button
          key={port}
          kind="danger"
          disabled={isBusy}
          onClick={() => changes.open({ at: 'panel', kind: 'release', view, port, pid })}
          title={
            isStale
              ? `Process ${pid} holds port ${port} without a live session`
              : `The monitor process of session ${pid} has died`
          }
        >
          {isStale ? 'End stale listener' : 'End session on port'} {port} (pid {pid})
        </Button>
      ))}
      {releasable.length > shownListeners ? (
        <span className={textStyles.sub}>
          Listeners not shown: {releasable.length - shownListeners}. To end one, open its tunnel’s details.
        </span>
      ) : null}
      {tenant.suspended ? panel('resume', 'Resume…') : panel('change', 'Change quota…')}
      <Button
        disabled={isBusy}
        title={lock ?? ''}
        onClick={() => changes.open({ at: 'dialog', kind: 'rotate', view })}
      >
        Rotate key…
      </Button>
      {tenant.suspended ? null : panel('suspend', 'Suspend…', true)}
    </fieldset>
  );
}
