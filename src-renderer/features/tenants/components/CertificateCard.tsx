import type { ProbeResult, TlsFacts } from '../../../../src-shared/model/tunnels/probe.ts';
import { formatDuration, dayMs } from '../../../../src-shared/base/time.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';

function tlsOf(probe: ProbeResult | null): TlsFacts | null {
  const service = probe?.service;
  return service != null && 'tls' in service ? service.tls : null;
}

const soonMs = 21 * dayMs;

/** The TLS certificate of the repository in the last test; nothing if the test used no TLS. */
export function CertificateCard({ probe }: { probe: ProbeResult | null }) {
  const now = useNow();
  const tls = tlsOf(probe);
  if (tls === null || probe === null) return null;
  const left = Date.parse(tls.validTo) - now;
  const isEarly = Date.parse(tls.validFrom) > now;
  const tone = left <= 0 || isEarly ? 'bad' : left < soonMs ? 'warn' : 'ok';
  return (
    <Card
      title="Certificate"
      aside={
        <span className={layout.row}>
          <span className={feedback.word} data-tone={tone}>
            {isEarly
              ? 'not valid yet'
              : left <= 0
                ? `expired ${formatDuration(-left)} ago`
                : `${formatDuration(left)} left`}
          </span>
          <Ago at={probe.at} />
        </span>
      }
    >
      <Facts
        facts={[
          ['Subject', <MachineText key="s" text={tls.subject} />],
          [
            'Issuer',
            <MachineText key="i" text={tls.selfSigned ? `${tls.issuer} (self-signed)` : tls.issuer} />,
          ],
          [
            'Valid',
            <span key="v">
              <Moment at={tls.validFrom} /> to <Moment at={tls.validTo} />
            </span>,
          ],
          ['Protocol', <MachineText key="p" text={tls.protocol} />],
          ['Matches host name', tls.namesHost ? 'yes' : 'no'],
        ]}
      />
    </Card>
  );
}
