import type { ReactNode } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { licenceStaleAfterMs, type LicenceShow } from '../../../../src-shared/model/licence/licence.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { ageMs, formatDuration, formatInstant } from '../../../../src-shared/base/time.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineBlock, MachineText } from '../../../ui/text/Machine.tsx';
import { formatLocal, MomentText } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { ToneChip, ToneDot, ToneWord } from '../../../ui/feedback/Tone.tsx';
import { groupProblems } from '../problems.ts';
import { describeLicence } from '../labels.ts';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const gigabyte = 1024 ** 3;

/** What a person should look at, the worst first; each leads to where it can be seen. */
export function ProblemsCard({ view }: { view: ApplianceView }) {
  const problems = groupProblems(view.health.problems);
  const tone = problems[0]?.severity;
  return (
    <Card
      title={problems.length === 0 ? 'Health' : `Needs attention (${problems.length})`}
      aside={<Age observedAt={view.observedAt} />}
      {...(tone === undefined ? {} : { tone })}
      label="Health"
    >
      {problems.length === 0 ? (
        <p>
          <ToneWord tone={view.health.tone} observedAt={view.observedAt}>
            {view.health.tone === 'ok' ? 'Nothing needs attention' : 'No data yet'}
          </ToneWord>
        </p>
      ) : (
        <ul className={`${layout.problems} ${styles.overviewProblems}`}>
          {problems.map((problem) => (
            <li key={`${problem.code}${problem.clientId ?? ''}${problem.port ?? ''}${problem.text}`}>
              <span
                className={`${feedback.word} ${textStyles.mono}`}
                data-tone={problem.severity}
                title={problem.severity === 'bad' ? 'fault' : 'needs attention'}
              >
                {problem.severity === 'bad' ? '✕' : '!'} {problem.code}
              </span>
              {problem.clientId === null ? (
                <span>
                  <MomentText text={problem.text} />
                </span>
              ) : (
                <PlaceLink to={places.tenant(view.entry.name, problem.clientId, problem.port)}>
                  <MomentText text={problem.text} />
                </PlaceLink>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function SystemCard({ view }: { view: ApplianceView }) {
  const now = useNow();
  if (view.status === null) {
    return (
      <Card title="System">
        <p className={textStyles.sub}>No data yet. Appears after the first reply.</p>
      </Card>
    );
  }
  const { value: status, observedAt } = view.status;
  // What its clock said when it was asked, against ours at that moment.
  const skew = Math.round((Date.parse(status.clock.now) - Date.parse(observedAt)) / 1000);
  const skewText =
    Math.abs(skew) < 2
      ? 'as this console'
      : `${formatDuration(Math.abs(skew) * 1000)} ${skew > 0 ? 'ahead of' : 'behind'} this console`;
  return (
    <Card title="System" aside={<Age observedAt={observedAt} />}>
      <Facts
        facts={[
          ['Appliance', <MachineText key="v" text={status.versions.appliance} />],
          ['Kit', <MachineText key="k" text={status.versions.kit} />],
          ['sshd', <MachineText key="s" text={status.versions.sshd ?? 'not known'} />],
          ['System', <MachineText key="o" text={status.versions.os ?? 'not known'} />],
          ['Host name', <MachineText key="h" text={status.identity.hostname} />],
          ['Identity', <MachineText key="i" text={status.identity.id} />],
          ['Up for', formatDuration(status.uptimeSeconds * 1000 + ageMs(observedAt, now))],
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
                  'Clock went back from',
                  <span key="r" className={feedback.word} data-tone="bad">
                    {formatInstant(status.clock.ranBackFrom)}
                  </span>,
                ] as const,
              ]),
          ...(status.listenAddress === undefined
            ? []
            : [
                [
                  'Forwards listen on',
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
                min={0}
                max={1}
                high={0.9}
                value={used}
                title={`${Math.round(used * 100)} % used`}
              >
                {Math.round(used * 100)} %
              </meter>
              <MachineText text={disk.path} />
              <span className={layout.grow} />
              <span className={`${textStyles.mono} ${textStyles.sub}`}>
                {(disk.freeBytes / gigabyte).toFixed(1)} of {(disk.totalBytes / gigabyte).toFixed(1)} GB free
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** What the appliance finds wrong with itself, apart from services and disks; no card if that is nothing. */
export function FindingsCard({ view }: { view: ApplianceView }) {
  if (view.status === null || view.status.value.findings.length === 0) return null;
  const { value: status, observedAt } = view.status;
  return (
    <Card title="Findings" label="Findings" tone="bad" aside={<Age observedAt={observedAt} />}>
      <Facts
        facts={status.findings.map(({ name, detail }) => [
          visibleText(name),
          <MachineText key={name} text={detail} />,
        ])}
      />
    </Card>
  );
}

/** Licences run out at an instant of UTC; the operator lives by another clock. */
function BothTimes({ at }: { at: string | null }) {
  if (at === null) return <>–</>;
  return (
    <>
      <span className={textStyles.mono}>{formatInstant(at)}</span>
      <br />
      <span className={`${textStyles.mono} ${textStyles.sub}`}>{formatLocal(at)} here</span>
    </>
  );
}

function licenceFacts(licence: LicenceShow): readonly (readonly [string, ReactNode])[] {
  return [
    ['Expires', <BothTimes key="e" at={licence.expiresAt} />],
    ['Grace ends', <BothTimes key="g" at={licence.graceEndsAt} />],
    ['Key', <MachineText key="k" text={licence.key ?? '–'} />],
    ['Sequence', licence.sequence ?? '–'],
    ...(licence.entitlements === null
      ? []
      : ([
          ['Plan', <MachineText key="p" text={licence.entitlements.plan} />],
          ['Accounts', licence.entitlements.accounts?.toLocaleString('en-US') ?? 'unlimited'],
          ['Connectors', <MachineText key="c" text={licence.entitlements.connectors.join(', ')} />],
        ] as const)),
  ];
}

export function LicenceCard({ view }: { view: ApplianceView }) {
  const now = useNow();
  const words = describeLicence(view.licence?.value ?? null, now);
  const isAway = useIsOld(view.observedAt);
  if (view.licence === null) {
    return (
      <Card title="Licence">
        <p className={textStyles.sub}>No data yet. Appears after the first reply.</p>
      </Card>
    );
  }
  const { value: licence, observedAt } = view.licence;
  return (
    <Card
      title="Licence"
      aside={
        <span className={layout.row}>
          <ToneChip
            tone={words.tone}
            observedAt={isAway ? null : observedAt}
            freshForMs={licenceStaleAfterMs}
          >
            {licence.state === 'valid' ? `valid · ${words.text}` : words.text}
          </ToneChip>
          <Age observedAt={observedAt} freshForMs={licenceStaleAfterMs} />
        </span>
      }
    >
      <Facts
        facts={[
          ['Status', <MomentText key="s" text={licence.reason} />],
          ...(licence.state === 'not-required' ? [] : licenceFacts(licence)),
        ]}
      />
    </Card>
  );
}

/** An appliance that prints something we don't know: shown as it is, never guessed at. */
export function UnparsedCard({ view }: { view: ApplianceView }) {
  if (view.unparsed === null) return null;
  const { value, observedAt } = view.unparsed;
  return (
    <Card tone="warn" title="Not understood" aside={<Age observedAt={observedAt} />}>
      <div className={layout.stack}>
        <p className={textStyles.sub}>
          <span className={textStyles.mono}>{visibleText(value.command)}</span> printed this in an unexpected
          format ({visibleText(value.error)}). It is shown unchanged.
        </p>
        <MachineBlock text={value.text} label="Raw output" />
      </div>
    </Card>
  );
}
