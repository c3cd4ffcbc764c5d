import type { ReactNode } from 'react';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { needsAttention, worstTunnel } from '../../../../src-shared/model/tunnels/tone.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { ToneChip } from '../../../ui/feedback/Tone.tsx';
import { type TunnelRef, useTunnelDetail } from '../queries.ts';
import { LastDayCard } from '../story/LastDayCard.tsx';
import { CertificateCard } from './CertificateCard.tsx';
import { HistoryCard } from './HistoryCard.tsx';
import { MonthCard } from './MonthCard.tsx';
import { TenantCard } from './TenantCard.tsx';
import { TenantLines } from './TenantLines.tsx';
import { TenantDetails } from './TenantDetails.tsx';
import { TunnelCard } from './TunnelCard.tsx';
import { Detail } from '../../../ui/layout/Split.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import text from '../../../ui/text/text.module.css';

const Traffic = lazyComponent(async () => (await import('./TrafficCard.tsx')).TrafficCard);

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <Button small kind="quiet" onClick={onClose} label="Close details">
      ✕
    </Button>
  );
}

/**
 * If the appliance is unreachable, the chip is amber like the first layer, although the tunnel is unknown.
 */
function DiagnosisChip({
  code,
  tone,
  word,
  observedAt,
}: Pick<Tunnel, 'code' | 'tone' | 'word' | 'observedAt'>) {
  const { layer, state, word: codeWord } = tunnelCodes[code];
  return (
    <ToneChip tone={state === 'warn' ? 'warn' : tone} observedAt={observedAt}>
      {code} {layer === 'reachable' ? codeWord : word}
    </ToneChip>
  );
}

/** Names the tunnel that the diagnosis is about, and counts the others that need attention. */
function WorstNote({ tunnel, of, to }: { tunnel: Tunnel; of: readonly Tunnel[]; to: string }) {
  const others = of.filter((other) => other !== tunnel && needsAttention(other.tone)).length;
  return (
    <p className={`${text.sub} ${styles.panelNote}`}>
      This shows the worst of {of.length} tunnels,{' '}
      <PlaceLink to={to} className={text.link}>
        port {tunnel.port}
      </PlaceLink>
      {others === 0
        ? '. No other tunnel needs attention.'
        : `; ${others} more ${others === 1 ? 'needs' : 'need'} attention.`}
    </p>
  );
}

/** Shown if the address names an appliance, tenant or tunnel that does not exist. */
export function MissingPanel({
  title,
  children,
  onClose,
}: {
  title: string;
  children: ReactNode;
  onClose: () => void;
}) {
  return (
    <Detail label={title}>
      <Card title={title} aside={<CloseButton onClose={onClose} />} tone="warn">
        <p className={text.sub}>{children}</p>
      </Card>
    </Detail>
  );
}

/**
 * The tunnel that the panel starts with: the chosen one, or the worst of the tenant; null if none needs
 * attention. A diagnosis without a port comes first, because the row without a port shows it.
 */
function leadingTunnel(
  { view, tunnel }: { view: TenantView; tunnel: Tunnel },
  port: number | null,
): Tunnel | null {
  const isOnly = view.tunnels.length === 1;
  if (port !== null || (tunnel.port === null && (isOnly || needsAttention(tunnel.tone)))) return tunnel;
  const worst = worstTunnel(view.tunnels);
  return worst !== undefined && needsAttention(worst.tone) ? worst : null;
}

type PanelProps = {
  /** The row of the table, shown until the details are read. */
  row: PortRow;
  /** Null for the whole tenant. */
  port: number | null;
  placeOfPort: (port: number | null) => string;
  onClose: () => void;
};
type TunnelDetail = NonNullable<ReturnType<typeof useTunnelDetail>['data']>;

function PanelTitle({ row, port, placeOfPort }: Omit<PanelProps, 'onClose'>) {
  const { applianceName, clientId } = row;
  return (
    <span className={styles.panelTitle}>
      {port === null ? (
        clientId
      ) : (
        <>
          <PlaceLink to={placeOfPort(null)} className={text.nameLink} label={`${clientId}, the whole tenant`}>
            {clientId}
          </PlaceLink>{' '}
          · {port}
        </>
      )}
      <PlaceLink
        to={places.appliance(applianceName)}
        className={`${text.mono} ${text.sub} ${styles.panelWhere}`}
      >
        {applianceName}
      </PlaceLink>
    </span>
  );
}

/** Everything about a tunnel and its tenant, or about a whole tenant. */
export function TunnelPanel(props: PanelProps) {
  const { row, port, placeOfPort } = props;
  const { applianceId, applianceName, clientId } = row;
  const place = { applianceId, clientId, port };
  const detail = useTunnelDetail(place);
  const { data } = detail;
  const tunnel = data === undefined ? null : leadingTunnel(data, port);
  const leading = data === undefined ? row : tunnel;
  const head = {
    title: <PanelTitle row={row} port={port} placeOfPort={placeOfPort} />,
    aside: (
      <span className={layout.row}>
        {leading === null ? null : <DiagnosisChip {...leading} />}
        <CloseButton onClose={props.onClose} />
      </span>
    ),
  };
  return (
    <Detail label={port === null ? clientId : `${clientId} · ${port}`}>
      {data === undefined ? (
        <Card {...head}>
          <Loaded query={detail} skeleton={<Skeleton lines={6} />}>
            {() => null}
          </Loaded>
        </Card>
      ) : (
        <>
          <PanelCards {...props} head={head} place={place} data={data} tunnel={tunnel} />
          <p className={styles.panelFoot}>
            <PlaceLink to={places.applianceSyslog(applianceName)}>Syslog of {applianceName}</PlaceLink>
          </p>
        </>
      )}
    </Detail>
  );
}

type PanelCardsProps = Omit<PanelProps, 'onClose'> & {
  head: { title: ReactNode; aside: ReactNode };
  place: TunnelRef;
  data: TunnelDetail;
  /** The tunnel that the panel starts with. */
  tunnel: Tunnel | null;
};

function PanelCards({ row, port, placeOfPort, head, place, data, tunnel }: PanelCardsProps) {
  const isWhole = port === null;
  return (
    <>
      {tunnel === null ? null : (
        <TunnelCard
          head={head}
          place={{ ...place, port: isWhole ? tunnel.port : port }}
          detail={{ view: data.view, tunnel }}
          note={
            isWhole && tunnel.port !== null && data.view.tunnels.length > 1 ? (
              <WorstNote tunnel={tunnel} of={data.view.tunnels} to={placeOfPort(tunnel.port)} />
            ) : null
          }
        />
      )}
      <PartBoundary part="The tenant">
        <TenantCard
          view={data.view}
          head={tunnel === null ? head : null}
          canProbeAll={tunnel === null || tunnel.port !== null}
          place={place}
        />
      </PartBoundary>
      {isWhole ? null : (
        <>
          <PartBoundary part="The history">
            <HistoryCard history={data.history} lastDrop={row.lastDrop} />
            <MonthCard place={place} applianceName={row.applianceName} />
          </PartBoundary>
          <CertificateCard probe={data.probe} />
        </>
      )}
      <Traffic.Component
        // Another tenant has another measurement.
        key={`${row.applianceId} ${row.clientId}`}
        part="The traffic"
        props={{
          applianceId: row.applianceId,
          clientId: row.clientId,
          port: isWhole ? null : row.port,
        }}
        fallback={null}
      />
      <PartBoundary part="The story">
        <LastDayCard view={data.view} />
      </PartBoundary>
      <PartBoundary part="The log lines">
        <TenantLines
          applianceId={row.applianceId}
          applianceName={row.applianceName}
          clientId={row.clientId}
        />
      </PartBoundary>
      <PartBoundary part="The tenant’s details">
        <TenantDetails view={data.view} isWhole={isWhole} placeOfPort={placeOfPort} />
      </PartBoundary>
    </>
  );
}
