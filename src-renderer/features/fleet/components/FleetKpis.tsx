import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { licenceStaleAfterMs, licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import { defaultQuota, firstPort, lastPort, portCount } from '../../../../src-shared/model/tenants/ports.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import { Kpi } from '../../../ui/layout/Card.tsx';
import { useIsAnyOld, useReachable } from '../../../ui/feedback/freshness.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { summariseFleet, type FleetSummary } from '../summary.ts';
import card from '../../../ui/layout/Card.module.css';

const number = new Intl.NumberFormat('en-US');

function expiryLabel({ nextExpiry, needsNoLicence }: FleetSummary): string {
  if (nextExpiry !== null) return `to the next expiry: ${nextExpiry.name}`;
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
  const places = Math.floor(portCount / defaultQuota) * summary.appliances;
  return (
    <section className={card.kpis} aria-label="Fleet in figures">
      <Kpi
        figure={summary.connected}
        of={summary.appliances}
        label={reachable ? 'connected' : 'connected (last seen)'}
        {...(summary.connected < summary.appliances ? { tone: 'warn' as const } : {})}
      />
      <Kpi
        figure={number.format(summary.tenants)}
        of={number.format(places)}
        label={`tenants, ${number.format(summary.withSession)} with a session`}
        isLastKnown={isOld}
      />
      <Kpi
        figure={number.format(summary.listening)}
        of={number.format(portCount * summary.appliances)}
        label={`ports listening (${firstPort}–${lastPort})`}
        isLastKnown={isOld}
      />
      <Kpi
        figure={left === null ? '–' : left <= 0 ? 'expired' : formatDuration(left)}
        label={expiryLabel(summary)}
        isLastKnown={nextExpiry !== null && isLicenceOld}
        {...expiryTone}
      />
      <Kpi
        figure={number.format(summary.tunnelsNotWell)}
        label={summary.tunnelsNotWell === 1 ? 'tunnel needs attention' : 'tunnels need attention'}
        isLastKnown={isOld}
        {...(summary.tunnelsNotWell > 0 ? { tone: 'bad' as const } : {})}
      />
    </section>
  );
}
