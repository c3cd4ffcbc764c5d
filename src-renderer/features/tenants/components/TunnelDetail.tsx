import { formatRanges } from '../../../../src-shared/model/ports.ts';
import { ageMs, formatDuration } from '../../../../src-shared/model/time.ts';
import { visibleText } from '../../../../src-shared/model/machineText.ts';
import { places } from '../../../state/places.ts';
import { Age, Ago } from '../../../ui/Age.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Card, Facts } from '../../../ui/Card.tsx';
import { copyText } from '../../../ui/copy.ts';
import { MachineText } from '../../../ui/Machine.tsx';
import { useNow } from '../../../ui/now.ts';
import { PlaceLink } from '../../../ui/Place.tsx';
import { ToneChip } from '../../../ui/Tone.tsx';
import { adviseOn } from '../../../../src-shared/model/advice.ts';
import type { TunnelRow } from '../rows.ts';
import { LayerDot, layerTitles } from './Chain.tsx';

/** Plain text that can be read to, or sent to, the customer. */
export function tunnelReport({ view, tunnel }: TunnelRow): string {
  const lines = tunnel.layers.map(
    (layer) => `${layerTitles[layer.layer].padEnd(20)} ${layer.state.padEnd(8)} ${layer.evidence}`,
  );
  const { meaning, next } = adviseOn(tunnel, view.applianceName);
  const port = tunnel.port === null ? '' : ` port ${tunnel.port}`;
  return visibleText(
    [
      `${tunnel.clientId}${port} on ${view.applianceName}: ${tunnel.word} (${tunnel.code})`,
      ...lines,
      meaning,
      next,
    ].join('\n'),
  );
}

function Layers({ row }: { row: TunnelRow }) {
  const { tunnel } = row;
  return (
    <ol className="layers" aria-label="Layers">
      {tunnel.layers.map((layer) => (
        <li key={layer.layer} data-state={layer.state}>
          <LayerDot layer={layer} observedAt={tunnel.observedAt} />
          <span className="layer-name">{layerTitles[layer.layer]}</span>
          <span className="mono layer-evidence" title={visibleText(layer.evidence)}>
            {visibleText(layer.evidence)}
          </span>
          {layer.observedAt === null ? <span className="age" /> : <Age observedAt={layer.observedAt} />}
        </li>
      ))}
    </ol>
  );
}

function Sessions({ row }: { row: TunnelRow }) {
  const now = useNow();
  const { tenant } = row.view;
  if (tenant.sessions.length === 0) {
    const last = tenant.lastSession;
    return (
      <p className="sub">
        {last === null ? (
          'No session was seen yet.'
        ) : (
          <>
            The last one ended <Ago at={last.endedAt} /> ago: <MachineText text={last.reason} />
          </>
        )}
      </p>
    );
  }
  return (
    <ul className="plain-list">
      {tenant.sessions.map((session) => (
        <li key={session.pid} className="mono">
          {session.peerAddress === null ? 'unknown address' : visibleText(session.peerAddress)}
          {session.peerPort === null ? '' : `:${session.peerPort}`} · sshd {session.pid} ·{' '}
          {session.kind === 'connect' ? `Connect ${visibleText(session.connectVersion ?? '')}` : 'plain ssh'}{' '}
          · up {formatDuration(ageMs(session.since, now))}
          {session.silentSince === null ? null : (
            <span className="word" data-tone="bad">
              {' '}
              · silent {formatDuration(ageMs(session.silentSince, now))}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Everything about one tunnel and its tenant: the six layers, what the first failing one means, keys, sessions. */
export function TunnelDetail({ row, onClose }: { row: TunnelRow; onClose: () => void }) {
  const { view, tunnel } = row;
  const { tenant } = view;
  const advice = adviseOn(tunnel, view.applianceName);
  const title = `${tenant.clientId}${tunnel.port === null ? '' : ` · ${tunnel.port}`}`;
  return (
    <aside className="detail" aria-label={title}>
      <Card
        title={title}
        aside={
          <span className="row">
            <ToneChip tone={tunnel.tone} observedAt={tunnel.observedAt}>
              {tunnel.code} {tunnel.word}
            </ToneChip>
            <Button small kind="quiet" onClick={onClose} label="Close details">
              ✕
            </Button>
          </span>
        }
      >
        <Layers row={row} />
        <p className="advice">
          {visibleText(advice.meaning)}
          {advice.ask === null ? null : (
            <>
              {' '}
              <span className="strong">Ask:</span> {visibleText(advice.ask)}
            </>
          )}{' '}
          <span className="strong">Next:</span> {visibleText(advice.next)}
        </p>
        <div className="row wrap">
          <Button onClick={() => copyText(tunnelReport(row), 'Copied for the customer')}>
            Copy for the customer
          </Button>
          <PlaceLink to={places.applianceSyslog(view.applianceName)} className="btn">
            Syslog of {view.applianceName}
          </PlaceLink>
        </div>
      </Card>
      <Card title="Tenant" aside={<Age observedAt={view.observedAt} />}>
        <Facts
          facts={[
            [
              'Appliance',
              <PlaceLink key="a" to={places.appliance(view.applianceName)}>
                {view.applianceName}
              </PlaceLink>,
            ],
            [
              'Ports',
              <span key="p" className="mono">
                {tenant.ports.length === 0 ? 'none' : formatRanges(tenant.ports)} ({tenant.quota} allowed)
              </span>,
            ],
            ...(tunnel.group === null && tunnel.repository === null
              ? []
              : [
                  [
                    'Repository',
                    <MachineText key="r" text={`${tunnel.group ?? '–'} / ${tunnel.repository ?? '–'}`} />,
                  ] as const,
                ]),
            ['Created', <Ago key="c" at={tenant.createdAt} />],
          ]}
        />
      </Card>
      <Card title={`Keys (${tenant.keys.length})`}>
        {tenant.keys.length === 0 ? (
          <p className="sub">No public key is registered.</p>
        ) : (
          <ul className="plain-list">
            {tenant.keys.map((key) => (
              <li key={key.fingerprint}>
                <MachineText text={`${key.type} ${key.fingerprint}`} />
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={`Sessions (${tenant.sessions.length})`}>
        <Sessions row={row} />
      </Card>
    </aside>
  );
}
