import type { TunnelAvailability } from '../../../../src-shared/contract/ports.ts';
import { availabilityCsv } from '../../../../src-shared/model/tunnels/availabilityReport.ts';
import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { formatDuration, formatInstant } from '../../../../src-shared/base/time.ts';
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
export function AvailabilityReport({ place }: { place: TunnelRef }) {
  const report = useAvailability(place);
  return (
    <Loaded query={report} skeleton={<Skeleton lines={6} />}>
      {(known) => <KnownReport clientId={place.clientId} report={known} />}
    </Loaded>
  );
}

function KnownReport({ clientId, report }: { clientId: string; report: Report }) {
  const { from, to, tunnels } = report;
  return (
    <article className={`${styles.report} ${layout.stack}`} aria-label="Report">
      <h2>Availability of {clientId}</h2>
      <p className={textStyles.sub}>
        {formatInstant(from)} to {formatInstant(to)}. Only monitored time counts. Time while a tunnel was
        suspended doesn’t.
      </p>
      {tunnels.length === 0 ? <p>No tunnel was monitored in this period.</p> : null}
      {tunnels.map((tunnel) => (
        <TunnelReport key={tunnel.port} tunnel={tunnel} />
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

function TunnelReport({ tunnel }: { tunnel: TunnelAvailability }) {
  const { port, outages } = tunnel;
  return (
    <section>
      <h3>
        {port === null ? 'Site connection' : `Port ${port}`}: {shareText(tunnel)}
      </h3>
      {outages.length === 0 ? (
        <p className={textStyles.sub}>No outage.</p>
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
            {outages.map(({ start, end, code }) => (
              <tr key={start}>
                <td>{formatInstant(start)}</td>
                <td>{end === null ? 'end unknown' : formatDuration(Date.parse(end) - Date.parse(start))}</td>
                <td>
                  <CodeLink code={code} /> {tunnelCodes[code].word}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
