import { formatBytes } from '../../../../src-shared/base/formatBytes.ts';
import type { Traffic } from '../../../../src-shared/model/tunnels/traffic.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { useMeasureTraffic } from '../mutations.ts';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const bytesText = ({ toSiteBytes, fromSiteBytes }: { toSiteBytes: number; fromSiteBytes: number }): string =>
  `${formatBytes(toSiteBytes)} to the site, ${formatBytes(fromSiteBytes)} from it`;

/** What a tunnel passes, measured on request. Null as port for the whole tenant. */
export function TrafficCard(place: { applianceId: string; clientId: string; port: number | null }) {
  const measure = useMeasureTraffic();
  const { applianceId, clientId, port } = place;
  return (
    <Card
      title="Traffic"
      label="Traffic"
      aside={
        <Button
          small
          busy={measure.isPending}
          onClick={() => measure.mutate({ applianceId, clientId })}
          title="Runs ss on the appliance once"
        >
          Measure now
        </Button>
      }
    >
      <div className={layout.stack}>
        {measure.error === null ? null : <ErrorNotice error={toErrorData(measure.error)} />}
        {measure.data === undefined ? (
          <p className={textStyles.sub}>Bytes and connections are measured on request.</p>
        ) : (
          <Measured traffic={measure.data.traffic} port={port} />
        )}
      </div>
    </Card>
  );
}

function Measured({ traffic, port }: { traffic: Traffic; port: number | null }) {
  const { measuredAt, ports, sessions } = traffic;
  const shown = ports.filter((one) => port === null || one.port === port);
  return (
    <>
      <Facts
        facts={[
          ...shown.map(
            (one) => [`Port ${one.port}`, `${one.connections} open connections, ${bytesText(one)}`] as const,
          ),
          ...sessions.map(
            (one) =>
              [
                `Session ${one.pid}`,
                <span key={one.pid}>
                  {bytesText(one)}, all ports, encrypted, since <Moment at={one.since} />
                </span>,
              ] as const,
          ),
        ]}
      />
      {shown.length === 0 ? <p>Nothing listens on {port === null ? 'its ports' : 'this port'}.</p> : null}
      <p className={textStyles.sub}>
        Measured <Age observedAt={measuredAt} />. Ports count only connections that are open now; a
        connection’s bytes are forgotten when it ends.
      </p>
    </>
  );
}
