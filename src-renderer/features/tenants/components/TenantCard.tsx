import type { ReactNode } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { formatRanges } from '../../../../src-shared/model/tenants/ports.ts';
import { countUnplaced, type Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { useMay } from '../../system/queries.ts';
import { TenantActions, useTenantChanges } from '../changes/index.ts';
import { TenantContact } from '../customer/TenantContact.tsx';
import { useProbe } from '../mutations.ts';
import type { TunnelRef } from '../queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

function usedPorts(tenant: Tenant): number {
  return new Set(tenant.forwards.map((forward) => forward.port)).size;
}

function QuotaUse({ view }: { view: TenantView }) {
  const { tenant } = view;
  const isOld = useIsOld(view.observedAt);
  const used = usedPorts(tenant);
  const wanted = countUnplaced(tenant);
  if (tenant.suspended)
    return (
      <span>
        suspended
        {view.quotaBefore === null ? '' : `, quota was ${view.quotaBefore}`}; its ports are kept
      </span>
    );
  const isNearlyFull = tenant.quota > 0 && used / tenant.quota >= 0.9;
  return (
    <span className={styles.quota}>
      <span className={styles.quotaBar} aria-hidden="true">
        <i
          data-tone={isOld ? 'old' : isNearlyFull ? 'warn' : 'ok'}
          style={{ width: `${Math.min(100, tenant.quota === 0 ? 0 : (used / tenant.quota) * 100)}%` }}
        />
      </span>
      <span className={textStyles.tabular}>
        {isOld ? 'was ' : ''}
        {used} of {tenant.quota} used
        {wanted === 0 ? '' : `, ${wanted} more needed`}
      </span>
    </span>
  );
}

/** Actions on the whole tenant that don't change it. */
function WholeTenantActions({
  view,
  place,
  canProbe,
}: {
  view: TenantView;
  place: TunnelRef;
  canProbe: boolean;
}) {
  const probe = useProbe();
  const changes = useTenantChanges();
  if (!useMay('operator')) return null;
  const { applianceId, applianceName } = view;
  const tenant = { applianceId, applianceName, clientId: view.tenant.clientId };
  return (
    <>
      <div className={`${layout.row} ${layout.wrap} ${layout.tightRow} ${styles.tenantProbe}`}>
        {canProbe ? (
          <Button busy={probe.isPending} onClick={() => probe.mutate({ ...place, port: null })}>
            Test all tunnels
          </Button>
        ) : null}
        <Button
          disabled={changes?.change.step.step === 'applying'}
          onClick={() => changes?.open({ at: 'dialog', kind: 'hand-over', tenant })}
        >
          Create handover pack…
        </Button>
        <output className={textStyles.sub}>
          {probe.data === undefined ? null : `${probe.data.probed} tested, ${probe.data.ok} OK`}
        </output>
      </div>
      {probe.error === null ? null : <ErrorNotice error={toErrorData(probe.error)} />}
    </>
  );
}

/** Quota, ports, contact and actions of the tenant that a panel is about. */
export function TenantCard({
  view,
  head,
  canProbeAll,
  place,
}: {
  view: TenantView;
  /** The head of the panel if this card is its first. */
  head: { title: ReactNode; aside: ReactNode } | null;
  canProbeAll: boolean;
  place: TunnelRef;
}) {
  const { tenant } = view;
  return (
    <TenantActions view={view} port={place.port} head={head}>
      <Facts
        facts={[
          ['Quota', <QuotaUse key="q" view={view} />],
          [
            'Ports',
            <span key="p" className={textStyles.mono}>
              {tenant.ports.length === 0 ? 'none allocated' : formatRanges(tenant.ports)}
            </span>,
          ],
          ['Added', <Moment key="c" at={tenant.createdAt} />],
          ['Changed', <Moment key="h" at={tenant.changedAt} />],
        ]}
      />
      <TenantContact tenant={place} />
      <WholeTenantActions view={view} place={place} canProbe={place.port === null && canProbeAll} />
    </TenantActions>
  );
}
