import type { TenantCluster, TenantView } from '../../../../src-shared/contract/tenants.ts';
import { visibleLine, visibleText } from '../../../../src-shared/base/machineText.ts';
import { formatChainLetters } from '../../../../src-shared/model/tunnels/portRow.ts';
import type { TenantKey } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import { hrefOf } from '../../../state/places.ts';
import { Age, Ago } from '../../../ui/feedback/Age.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { ToneWord } from '../../../ui/feedback/Tone.tsx';
import { Chain } from './Chain.tsx';
import { SessionList } from './SessionList.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

const GroupKeysCard = lazyComponent(
  async () => (await import('../groupKeys/GroupKeysCard.tsx')).GroupKeysCard,
);

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

function Tunnels({ view, placeOfPort }: { view: TenantView; placeOfPort: (port: number | null) => string }) {
  return (
    <ul className={styles.tenantTunnels} aria-label="Tunnels">
      {view.tunnels.map((tunnel, index) => (
        <li key={tunnel.port ?? `without ${index}`}>
          <a href={hrefOf(placeOfPort(tunnel.port))} className={styles.tenantTunnel}>
            <span className={textStyles.mono}>{tunnel.port ?? '–'}</span>
            <Chain
              chain={formatChainLetters(tunnel.layers)}
              observedAt={tunnel.observedAt}
              word={tunnel.word}
            />
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
      title={`Cluster ${visibleLine(cluster.name)}`}
      aside={
        cluster.disagreements.length === 0 ? (
          <span className={textStyles.sub}>all members report the same</span>
        ) : (
          <span className={feedback.chip} data-tone="warn">
            members report different data
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

/** Cluster, keys and sessions of a tenant; also its tunnels if the panel is about the whole tenant. */
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
      {isWhole && [...tenant.forwards, ...tenant.unplaced].some(({ group }) => group !== null) ? (
        <GroupKeysCard.Component props={{ view }} fallback={<Skeleton lines={2} />} />
      ) : null}
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
      <Card
        label="Sessions"
        title={`Sessions (${tenant.sessions.length})`}
        aside={<Age observedAt={view.observedAt} />}
      >
        <SessionList view={view} />
      </Card>
    </>
  );
}
