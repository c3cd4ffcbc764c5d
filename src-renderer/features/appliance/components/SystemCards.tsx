import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { ageMs, formatDuration, formatInstant } from '../../../../src-shared/base/time.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { ToneDot, ToneWord } from '../../../ui/feedback/Tone.tsx';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const gigabyte = 1024 ** 3;

export function SystemCard({ view }: { view: ApplianceView }) {
  const now = useNow();
  if (view.status === null) {
    return (
      <Card title="System">
        <p className={textStyles.sub}>No data yet. It appears after the appliance’s first answer.</p>
      </Card>
    );
  }
  const { value: status, observedAt } = view.status;
  // Compares both clocks at the moment of the reply.
  const skew = Math.round((Date.parse(status.clock.now) - Date.parse(observedAt)) / 1000);
  const skewText =
    Math.abs(skew) < 2
      ? 'same as this computer'
      : `${formatDuration(Math.abs(skew) * 1000)} ${skew > 0 ? 'ahead of' : 'behind'} this computer`;
  return (
    <Card title="System" aside={<Age observedAt={observedAt} />}>
      <Facts
        facts={[
          ['Appliance', <MachineText key="v" text={status.versions.appliance} />],
          ['Kit', <MachineText key="k" text={status.versions.kit} />],
          ['sshd', <MachineText key="s" text={status.versions.sshd ?? 'unknown'} />],
          ['System', <MachineText key="o" text={status.versions.os ?? 'unknown'} />],
          ['Host name', <MachineText key="h" text={status.identity.hostname} />],
          ['Identity', <MachineText key="i" text={status.identity.id} />],
          ['Uptime', formatDuration(status.uptimeSeconds * 1000 + ageMs(observedAt, now))],
          [
            'Clock',
            <span key="c" title={formatInstant(status.clock.now)}>
              {formatLocal(status.clock.now)}, {skewText}
            </span>,
          ],
          ...(status.clock.ranBackFrom === null
            ? []
            : [
                [
                  'Clock was set back from',
                  <span key="r" className={feedback.word} data-tone="bad">
                    {formatInstant(status.clock.ranBackFrom)}
                  </span>,
                ] as const,
              ]),
          ...(status.listenAddress === undefined
            ? []
            : [
                [
                  'Listen address of tunnels',
                  <MachineText key="a" text={`loopback, ${status.listenAddress}`} />,
                ] as const,
              ]),
          ['Syslog', <MachineText key="l" text={status.logs.syslog} />],
        ]}
      />
    </Card>
  );
}

export function ServicesCard({ view }: { view: ApplianceView }) {
  const isOld = useIsOld(view.observedAt);
  if (view.status === null) return null;
  const { value: status, observedAt } = view.status;
  const tones = { running: 'ok', stopped: 'bad', unknown: 'unknown' } as const;
  return (
    <Card title="Services and disks" label="Services and disks" aside={<Age observedAt={observedAt} />}>
      <ul className={styles.services}>
        {status.services.map((service) => (
          <li key={service.name}>
            <ToneDot tone={tones[service.state]} observedAt={observedAt} label={service.name} />
            <MachineText text={service.name} />
            <ToneWord tone={tones[service.state]} observedAt={observedAt}>
              {service.state}
            </ToneWord>
            <span className={`${textStyles.mono} ${textStyles.faint} ${textStyles.clip} ${layout.grow}`}>
              {visibleText(service.detail ?? '')}
            </span>
          </li>
        ))}
        {status.disks.map((disk) => {
          const used = disk.totalBytes === 0 ? 0 : 1 - disk.freeBytes / disk.totalBytes;
          return (
            <li key={disk.path}>
              <meter
                className={styles.bar}
                data-old={isOld}
                min={0}
                max={1}
                high={0.9}
                value={used}
                title={`${Math.round(used * 100)} % used`}
              >
                {Math.round(used * 100)} %
              </meter>
              <span>Disk</span>
              <MachineText text={disk.path} />
              <span className={layout.grow} />
              <span className={`${textStyles.mono} ${textStyles.sub}`}>
                {isOld ? 'was ' : ''}
                {(disk.freeBytes / gigabyte).toFixed(1)} of {(disk.totalBytes / gigabyte).toFixed(1)} GB free
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
