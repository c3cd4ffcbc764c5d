import type { TunnelAvailability } from '../../../../src-shared/contract/ports.ts';
import { availabilityCsv } from '../../../../src-shared/model/tunnels/availabilityReport.ts';
import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { formatDuration, formatInstant, minuteMs } from '../../../../src-shared/base/time.ts';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { saveText } from '../../../ui/text/saveText.ts';
import { useAvailability, type TunnelRef } from '../queries.ts';
import { shareText } from './HistoryStrip.tsx';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from './AvailabilityReport.module.css';

type Report = { from: string; to: string; tunnels: readonly TunnelAvailability[] };

/**
 * The availability of a tenant’s tunnels over the last 30 days. The user can print it or save it as CSV for
 * the customer.
 */
export function AvailabilityReport({ place, title }: { place: TunnelRef; title: string }) {
  const report = useAvailability(place);
  return (
    <Loaded query={report} skeleton={<Skeleton lines={6} />}>
      {(known) => <KnownReport clientId={place.clientId} title={title} report={known} />}
    </Loaded>
  );
}

function KnownReport({ clientId, title, report }: { clientId: string; title: string; report: Report }) {
  const { from, to, tunnels } = report;
  return (
    <article className={`${styles.report} ${layout.stack}`} aria-label="Report">
      <h2>{title}</h2>
      <p className={textStyles.sub}>
        {formatInstant(from)} to {formatInstant(to)}. Only monitored time counts. Time while the tenant was
        suspended doesn’t count.
      </p>
      {tunnels.length === 0 ? <p>No tunnel was monitored in this period.</p> : null}
      {tunnels.map((tunnel) => (
        <TunnelReport key={tunnel.port} tunnel={tunnel} to={to} />
      ))}
      <div className={`${form.formActions} ${styles.actions}`}>
        <Button
          onClick={() =>
            saveText({
              name: `availability-${clientId}-${to.slice(0, 10)}.csv`,
              type: 'text/csv',
              text: availabilityCsv(tunnels, report),
            })
          }
        >
          Save as CSV
        </Button>
        <Button kind="primary" onClick={() => window.print()}>
          Print…
        </Button>
      </div>
    </article>
  );
}

/** How long after the last sight of an outage it still counts as going on. */
const ongoingForMs = 2 * minuteMs;

/** E.g. `30 min`; for an outage without an end, how long it is seen so far. */
function outageWords({ start, end, seenUntil }: TunnelAvailability['outages'][number], to: string): string {
  const length = formatDuration(Date.parse(end ?? seenUntil) - Date.parse(start));
  if (end !== null) return length;
  return Date.parse(to) - Date.parse(seenUntil) <= ongoingForMs
    ? `ongoing, ${length} so far`
    : `at least ${length}, end not seen`;
}

function TunnelReport({ tunnel, to }: { tunnel: TunnelAvailability; to: string }) {
  const { port, outages } = tunnel;
  return (
    <section>
      <h3>
        {port === null ? 'Site connection' : `Port ${port}`}: {shareText(tunnel, 0)}
      </h3>
      {outages.length === 0 ? (
        <p className={textStyles.sub}>No outages.</p>
      ) : (
        <table className={textStyles.tabular}>
          <thead>
            <tr>
              <th scope="col">Start</th>
              <th scope="col">Duration</th>
              <th scope="col">Cause</th>
            </tr>
          </thead>
          <tbody>
            {outages.map((outage) => (
              <tr key={outage.start}>
                <td>{formatInstant(outage.start)}</td>
                <td>{outageWords(outage, to)}</td>
                <td>
                  <CodeLink code={outage.code} /> {tunnelCodes[outage.code].word}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
