import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { licenceStaleAfterMs, licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import { defaultQuota, portCount } from '../../../../src-shared/model/tenants/ports.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import type { TunnelCounts } from '../../../../src-shared/model/tunnels/tunnelCounts.ts';
import { places } from '../../../state/places.ts';
import { Kpi } from '../../../ui/layout/Card.tsx';
import { useIsAnyOld, useReachable } from '../../../ui/feedback/freshness.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { neverSeenText, summariseFleet, type FleetSummary } from '../summary.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import card from '../../../ui/layout/Card.module.css';

const number = new Intl.NumberFormat('en-US');

function expiryLabel({ nextExpiry, needsNoLicence }: FleetSummary): string {
  if (nextExpiry !== null) return `next expiry: ${nextExpiry.name}`;
  return needsNoLicence ? licenceStates['not-required'].label : 'No licence data yet';
}

export function FleetKpis({ appliances }: { appliances: readonly ApplianceView[] }) {
  const now = useNow();
  const reachable = useReachable();
  const summary = summariseFleet(appliances);
  const isOld = useIsAnyOld(appliances.map((view) => view.observedAt));
  const isLicenceOld = useIsAnyOld(
    appliances.map((view) => view.licence?.observedAt ?? null),
    licenceStaleAfterMs,
  );
  const { nextExpiry } = summary;
  const left = nextExpiry === null ? null : Date.parse(nextExpiry.expiresAt) - now;
  const expiryTone =
    nextExpiry === null || nextExpiry.state === 'valid'
      ? {}
      : { tone: nextExpiry.state === 'expiring' ? ('warn' as const) : ('bad' as const) };
  const seen = summary.appliances - summary.neverSeen;
  const room = Math.floor(portCount / defaultQuota) * seen;
  return (
    <section className={card.kpis} aria-label="Fleet in figures">
      <Kpi
        figure={<TunnelFigure tunnels={summary.tunnels} isKnown={seen > 0 && summary.connected > 0} />}
        label="tunnels"
        to={places.tenants({ show: 'attention', order: 'attention' })}
        isLastKnown={isOld}
      />
      <Kpi
        figure={
          <>
            {summary.neverSeen > 0 && summary.tunnels.unknown === 0
              ? '–'
              : number.format(summary.tunnels.unknown)}{' '}
            <small>unknown</small>
          </>
        }
        label={`tunnels: ${unknownLabel(summary)}`}
        to={places.tenants({ show: 'unknown' })}
        {...(summary.tunnels.unknown > 0 ? { tone: 'warn' as const } : {})}
      />
      <Kpi
        figure={summary.connected}
        of={summary.appliances}
        label={reachable ? 'appliances connected' : 'appliances connected (last known)'}
        to={places.fleet(summary.connected < summary.appliances ? { show: 'away' } : {})}
        {...(summary.connected < summary.appliances ? { tone: 'warn' as const } : {})}
      />
      <Kpi
        figure={left === null ? '–' : left <= 0 ? 'expired' : formatDuration(left)}
        label={expiryLabel(summary)}
        to={nextExpiry === null ? places.fleet({ sort: 'licence' }) : places.appliance(nextExpiry.name)}
        isLastKnown={nextExpiry !== null && isLicenceOld}
        {...expiryTone}
      />
      <Kpi
        figure={seen === 0 ? '–' : number.format(summary.tenants)}
        of={number.format(room)}
        label={`tenants, ${number.format(summary.withSession)} with a session`}
        to={places.tenants()}
        isLastKnown={isOld}
      />
    </section>
  );
}

/** Whose tunnels are unknown, and why. */
function unknownLabel(summary: FleetSummary): string {
  const parts = [
    ...(summary.away.length === 0 ? [] : [`${summary.away.join(', ')} away`]),
    ...(summary.neverSeen === 0 ? [] : [neverSeenText(summary)]),
  ];
  if (parts.length > 0) return parts.join(', ');
  return summary.connected === summary.appliances
    ? 'all appliances connected'
    : `${summary.connected} of ${summary.appliances} appliances connected`;
}

/**
 * The red and amber counts with their labels. A zero is omitted unless both are zero. `isKnown`: an appliance
 * is connected, so that a zero is a fact.
 */
function TunnelFigure({ tunnels, isKnown }: { tunnels: TunnelCounts; isKnown: boolean }) {
  const { down, attention } = tunnels;
  if (down + attention === 0)
    return (
      <>
        {isKnown ? '0' : '–'} <small>need attention</small>
      </>
    );
  return (
    <>
      {down === 0 ? null : (
        <span className={feedback.word} data-tone="bad">
          {number.format(down)} <small>down</small>
        </span>
      )}
      {down === 0 || attention === 0 ? null : ' '}
      {attention === 0 ? null : (
        <span className={feedback.word} data-tone="warn">
          {number.format(attention)} <small>{attention === 1 ? 'needs attention' : 'need attention'}</small>
        </span>
      )}
    </>
  );
}
