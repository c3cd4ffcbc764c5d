import type { ReactNode } from 'react';
import type { TenantCluster, TenantView } from '../../../../src-shared/contract/tenants.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { chainLetters } from '../../../../src-shared/model/tunnels/portRow.ts';
import { formatRanges } from '../../../../src-shared/model/tenants/ports.ts';
import {
  countUnplaced,
  type Tenant,
  type TenantKey,
} from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { ageMs, formatDuration } from '../../../../src-shared/base/time.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { hrefOf } from '../../../state/places.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { ToneWord } from '../../../ui/feedback/Tone.tsx';
import { useMay } from '../../system/queries.ts';
import { TenantActions, useTenantChanges } from '../changes/index.ts';
import { useProbe } from '../mutations.ts';
import type { TunnelRef } from '../queries.ts';
import { Chain } from './Chain.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

function usedPorts(tenant: Tenant): number {
  return new Set(tenant.forwards.map((forward) => forward.port)).size;
}

function Quota({ view }: { view: TenantView }) {
  const { tenant } = view;
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
          data-tone={isNearlyFull ? 'warn' : 'ok'}
          style={{ width: `${Math.min(100, tenant.quota === 0 ? 0 : (used / tenant.quota) * 100)}%` }}
        />
      </span>
      <span className={textStyles.tabular}>
        {used} of {tenant.quota} used
        {wanted === 0 ? '' : `, ${wanted} more needed`}
      </span>
    </span>
  );
}

function Key({ tenantKey }: { tenantKey: TenantKey }) {
  const now = useNow();
  const { expiresAt } = tenantKey;
  return (
    <li>
      <MachineText text={`${tenantKey.type} ${tenantKey.fingerprint}`} />
      <div className={textStyles.sub}>
        added <Ago at={tenantKey.addedAt} />
        {expiresAt === null ? null : (
          <span className={feedback.word} data-tone="warn">
            {Date.parse(expiresAt) > now
              ? `, replaced: expires in ${formatDuration(Date.parse(expiresAt) - now)}`
              : ', replaced: no longer accepted'}
          </span>
        )}
      </div>
    </li>
  );
}

function Sessions({ tenant }: { tenant: Tenant }) {
  const now = useNow();
  if (tenant.sessions.length === 0) {
    const last = tenant.lastSession;
    return (
      <p className={textStyles.sub}>
        {last === null ? (
          'No session seen yet.'
        ) : (
          <>
            The last session ended <Ago at={last.endedAt} /> ago: <MachineText text={last.reason} />
          </>
        )}
      </p>
    );
  }
  return (
    <PlainList>
      {tenant.sessions.map((session) => (
        <li key={session.pid} className={textStyles.mono}>
          {session.peerAddress === null ? 'unknown address' : visibleText(session.peerAddress)}
          {session.peerPort === null ? '' : `:${session.peerPort}`} · sshd {session.pid} ·{' '}
          {session.kind === 'connect' ? `Connect ${visibleText(session.connectVersion ?? '')}` : 'plain ssh'}{' '}
          · up {formatDuration(ageMs(session.since, now))}
          {session.silentSince === null ? null : (
            <span className={feedback.word} data-tone="bad">
              {' '}
              · silent {formatDuration(ageMs(session.silentSince, now))}
            </span>
          )}
        </li>
      ))}
    </PlainList>
  );
}

function Tunnels({ view, placeOfPort }: { view: TenantView; placeOfPort: (port: number | null) => string }) {
  return (
    <ul className={styles.tenantTunnels} aria-label="Tunnels">
      {view.tunnels.map((tunnel, index) => (
        <li key={tunnel.port ?? `without ${index}`}>
          <a href={hrefOf(placeOfPort(tunnel.port))} className={styles.tenantTunnel}>
            <span className={textStyles.mono}>{tunnel.port ?? '–'}</span>
            <Chain chain={chainLetters(tunnel.layers)} observedAt={tunnel.observedAt} word={tunnel.word} />
            <ToneWord tone={tunnel.tone} observedAt={tunnel.observedAt}>
              {tunnel.word}
            </ToneWord>
            <span
              className={`${textStyles.clip} ${textStyles.mono} ${textStyles.sub}`}
              title={visibleText(tunnel.destination ?? '')}
            >
              {visibleText(tunnel.destination ?? '')}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

const memberWords = { here: 'present', absent: 'missing', unknown: 'no data yet' } as const;

function ClusterCard({ cluster }: { cluster: TenantCluster }) {
  return (
    <Card
      title={`Cluster ${cluster.name}`}
      aside={
        cluster.disagreements.length === 0 ? (
          <span className={textStyles.sub}>members agree</span>
        ) : (
          <span className={feedback.chip} data-tone="warn">
            members disagree
          </span>
        )
      }
    >
      <ul className={styles.members} aria-label="Members">
        {cluster.members.map((member) => (
          <li key={member.applianceId}>
            <MachineText text={member.applianceName} />
            <span className={textStyles.sub}>{memberWords[member.state]}</span>
            <span className={`${textStyles.tabular} ${textStyles.sub}`}>
              {member.sessions === 0
                ? 'no session'
                : member.sessions === 1
                  ? '1 session'
                  : `${member.sessions} sessions`}
            </span>
          </li>
        ))}
      </ul>
      {cluster.disagreements.map((sentence) => (
        <p key={sentence} className={feedback.word} data-tone="warn">
          {visibleText(sentence)}
        </p>
      ))}
    </Card>
  );
}

/** What is done to the tenant as a whole without changing it. */
function WholeTenant({ view, place, canProbe }: { view: TenantView; place: TunnelRef; canProbe: boolean }) {
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
          {probe.data === undefined ? null : `${probe.data.probed} tested, ${probe.data.well} OK`}
        </output>
      </div>
      {probe.error === null ? null : <ErrorNotice error={toErrorData(probe.error)} />}
    </>
  );
}

/** The tenant behind a tunnel, or as a whole, with what can be done to it. */
export function TenantCard({
  view,
  head,
  canProbeAll,
  place,
}: {
  view: TenantView;
  /** What the panel begins with, if this card is its first. */
  head: { title: ReactNode; aside: ReactNode } | null;
  canProbeAll: boolean;
  place: TunnelRef;
}) {
  const { tenant } = view;
  return (
    <TenantActions view={view} port={place.port} head={head}>
      <Facts
        facts={[
          ['Quota', <Quota key="q" view={view} />],
          [
            'Ports',
            <span key="p" className={textStyles.mono}>
              {tenant.ports.length === 0 ? 'none allocated' : formatRanges(tenant.ports)}
            </span>,
          ],
          ['Created', <Moment key="c" at={tenant.createdAt} />],
          ['Changed', <Moment key="h" at={tenant.changedAt} />],
        ]}
      />
      {place.port === null ? <WholeTenant view={view} place={place} canProbe={canProbeAll} /> : null}
    </TenantActions>
  );
}

/** The rest that is known of the tenant; its tunnels only if it is shown as a whole. */
export function TenantDetails({
  view,
  isWhole,
  placeOfPort,
}: {
  view: TenantView;
  isWhole: boolean;
  placeOfPort: (port: number | null) => string;
}) {
  const { tenant } = view;
  return (
    <>
      {isWhole && view.tunnels.some(({ port }) => port !== null) ? (
        <Card title={`Tunnels (${view.tunnels.length})`} flush>
          <Tunnels view={view} placeOfPort={placeOfPort} />
        </Card>
      ) : null}
      {view.cluster === null ? null : <ClusterCard cluster={view.cluster} />}
      <Card title={`Keys (${tenant.keys.length})`}>
        {tenant.keys.length === 0 ? (
          <p className={textStyles.sub}>No public key registered.</p>
        ) : (
          <PlainList>
            {tenant.keys.map((key) => (
              <Key key={key.fingerprint} tenantKey={key} />
            ))}
          </PlainList>
        )}
      </Card>
      <Card title={`Sessions (${tenant.sessions.length})`}>
        <Sessions tenant={tenant} />
      </Card>
    </>
  );
}
