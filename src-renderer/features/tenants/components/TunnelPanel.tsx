import type { ReactNode } from 'react';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { PartBoundary } from '../../../ui/PartBoundary.tsx';
import { PlaceLink } from '../../../ui/Place.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/States.tsx';
import { ToneChip } from '../../../ui/Tone.tsx';
import { TenantActions } from '../changes/index.ts';
import { useTunnelDetail } from '../queries.ts';
import { CertificateCard } from './CertificateCard.tsx';
import { HistoryCard } from './HistoryCard.tsx';
import { TenantCards } from './TenantCards.tsx';
import { TunnelCard } from './TunnelCard.tsx';

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <Button small kind="quiet" onClick={onClose} label="Close details">
      ✕
    </Button>
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
    <aside className="detail" aria-label={title}>
      <Card title={title} aside={<CloseButton onClose={onClose} />} tone="warn">
        <p className="sub">{children}</p>
      </Card>
    </aside>
  );
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
  // A tenant without a forward is its own only tunnel: its layers say why there is none.
  const isTunnel = port !== null || row.port === null;
  const title = `${clientId}${port === null ? '' : ` · ${port}`}`;
  const { data } = detail;
  const tunnel = data?.tunnel;
  const head = {
    title: (
      <span className="panel-title">
        {port === null ? (
          clientId
        ) : (
          <>
            <PlaceLink
              to={placeOfPort(null)}
              className="name-link"
              label={`${clientId}, the tenant as a whole`}
            >
              {clientId}
            </PlaceLink>{' '}
            · {port}
          </>
        )}
        <PlaceLink to={places.appliance(applianceName)} className="mono sub panel-where">
          {applianceName}
        </PlaceLink>
      </span>
    ),
    aside: (
      <span className="row">
        {isTunnel ? (
          <ToneChip tone={tunnel?.tone ?? row.tone} observedAt={tunnel?.observedAt ?? row.observedAt}>
            {tunnel?.code ?? row.code} {tunnel?.word ?? row.word}
          </ToneChip>
        ) : null}
        <CloseButton onClose={onClose} />
      </span>
    ),
  };
  return (
    <aside className="detail" aria-label={title}>
      {data === undefined ? (
        <Card {...head}>
          {detail.isError ? (
            <ErrorNotice error={toErrorData(detail.error)} onRetry={() => void detail.refetch()} />
          ) : (
            <Skeleton lines={6} />
          )}
        </Card>
      ) : (
        <>
          {isTunnel ? (
            <>
              <TunnelCard head={head} place={{ applianceId, clientId, port }} detail={data} />
              <PartBoundary part="What can be changed">
                <TenantActions view={data.view} port={port} />
              </PartBoundary>
              {port === null ? null : (
                <PartBoundary part="The last day">
                  <HistoryCard history={data.history} />
                </PartBoundary>
              )}
              <CertificateCard probe={data.probe} />
            </>
          ) : null}
          <PartBoundary part="The tenant">
            <TenantCards
              view={data.view}
              head={isTunnel ? null : head}
              place={{ applianceId, clientId, port }}
              placeOfPort={placeOfPort}
            />
          </PartBoundary>
          <p className="panel-foot">
            <PlaceLink to={places.applianceSyslog(applianceName)}>Syslog of {applianceName}</PlaceLink>
          </p>
        </>
      )}
    </aside>
  );
}
