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
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { ToneChip } from '../../../ui/feedback/Tone.tsx';
import { useTunnelDetail } from '../queries.ts';
import { CertificateCard } from './CertificateCard.tsx';
import { HistoryCard } from './HistoryCard.tsx';
import { MonthCard } from './MonthCard.tsx';
import { TenantCard, TenantDetails } from './TenantCards.tsx';
import { TunnelCard } from './TunnelCard.tsx';
import { Detail } from '../../../ui/layout/Split.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../tenants.module.css';
import text from '../../../ui/text/text.module.css';

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <Button small kind="quiet" onClick={onClose} label="Close details">
      ✕
    </Button>
  );
}

/** An unreachable appliance is amber here, as its own layer below is, though its tunnels are only unknown. */
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

/** Which of several tunnels the diagnosis is about, and how many others need attention. */
function WorstNote({ tunnel, of, to }: { tunnel: Tunnel; of: readonly Tunnel[]; to: string }) {
  const others = of.filter((one) => one !== tunnel && needsAttention(one.tone)).length;
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

/** An address that names what is not there says so, instead of showing something else. */
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
 * What the panel begins with: the tunnel that was chosen, or what is worst about the tenant as a whole; null where that
 * is well. A verdict without a port comes first, since it is what a row without one was chosen for.
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

/**
 * Everything about one tunnel and its tenant; about the tenant as a whole where `port` is null. `row` is what the table
 * says of it, shown until the rest is read.
 */
export function TunnelPanel({
  row,
  port,
  placeOfPort,
  onClose,
}: {
  row: PortRow;
  port: number | null;
  placeOfPort: (port: number | null) => string;
  onClose: () => void;
}) {
  const { applianceId, applianceName, clientId } = row;
  const detail = useTunnelDetail({ applianceId, clientId, port });
  const isWhole = port === null;
  const title = `${clientId}${port === null ? '' : ` · ${port}`}`;
  const { data } = detail;
  const tunnel = data === undefined ? null : leadingTunnel(data, port);
  const leading = data === undefined ? row : tunnel;
  const head = {
    title: (
      <span className={styles.panelTitle}>
        {port === null ? (
          clientId
        ) : (
          <>
            <PlaceLink
              to={placeOfPort(null)}
              className={text.nameLink}
              label={`${clientId}, the whole tenant`}
            >
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
    ),
    aside: (
      <span className={layout.row}>
        {leading === null ? null : <DiagnosisChip {...leading} />}
        <CloseButton onClose={onClose} />
      </span>
    ),
  };
  return (
    <Detail label={title}>
      {data === undefined ? (
        <Card {...head}>
          <Loaded query={detail} skeleton={<Skeleton lines={6} />}>
            {() => null}
          </Loaded>
        </Card>
      ) : (
        <>
          {tunnel === null ? null : (
            <TunnelCard
              head={head}
              place={{ applianceId, clientId, port: isWhole ? tunnel.port : port }}
              detail={{ view: data.view, tunnel }}
              note={
                isWhole && tunnel.port !== null ? (
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
              place={{ applianceId, clientId, port }}
            />
          </PartBoundary>
          {isWhole ? null : (
            <>
              <PartBoundary part="The last day">
                <HistoryCard history={data.history} lastDrop={row.lastDrop} />
                <MonthCard place={{ applianceId, clientId, port }} />
              </PartBoundary>
              <CertificateCard probe={data.probe} />
            </>
          )}
          <PartBoundary part="The tenant’s details">
            <TenantDetails view={data.view} isWhole={isWhole} placeOfPort={placeOfPort} />
          </PartBoundary>
          <p className={styles.panelFoot}>
            <PlaceLink to={places.applianceSyslog(applianceName)}>Syslog of {applianceName}</PlaceLink>
          </p>
        </>
      )}
    </Detail>
  );
}
