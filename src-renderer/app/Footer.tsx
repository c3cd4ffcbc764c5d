import { useAuditHead } from '../features/audit/queries.ts';
import { useFleet } from '../features/fleet/queries.ts';
import { sumSyslogRate } from '../features/fleet/summary.ts';
import { LastKnown } from '../ui/layout/Card.tsx';
import { useIsAnyOld, useReachable } from '../ui/feedback/freshness.tsx';
import { useConsoleInfo } from '../features/system/queries.ts';
import styles from './app.module.css';
import layout from '../ui/layout/layout.module.css';

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function Footer() {
  const known = useFleet().data?.appliances;
  const appliances = known ?? [];
  const about = useConsoleInfo().data;
  const audit = useAuditHead().data;
  const reachable = useReachable();
  const connected = appliances.filter((view) => view.link.state === 'connected').length;
  const isRateOld = useIsAnyOld(appliances.map((view) => (view.syslog === null ? null : view.observedAt)));
  const rate = sumSyslogRate(appliances);
  return (
    <footer className={styles.footer}>
      <span data-testid="sessions">
        sessions {known === undefined ? '–' : `${reachable ? connected : '?'}/${appliances.length}`}
      </span>
      <span>
        syslog {rate === null ? '–' : rate > 0 && rate < 1 ? '<1' : wholeNumber.format(rate)} lines/s{' '}
        {isRateOld && rate !== null ? <LastKnown /> : null}
      </span>
      {audit === undefined ? null : (
        <span title={audit.head ?? undefined}>
          audit #{wholeNumber.format(audit.count)}
          {audit.head === null ? '' : ` · head ${audit.head.slice(0, 4)}…${audit.head.slice(-2)}`}{' '}
          {reachable ? null : <LastKnown />}
        </span>
      )}
      <span className={layout.grow} />
      {about === undefined ? null : (
        <>
          <span>host: {about.host}</span>
          <span>v{about.version}</span>
        </>
      )}
    </footer>
  );
}
