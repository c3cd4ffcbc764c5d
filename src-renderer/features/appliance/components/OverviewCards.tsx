import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineBlock, MachineText } from '../../../ui/text/Machine.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { ToneWord } from '../../../ui/feedback/Tone.tsx';
import { AnyCode } from '../../codes/CodeLink.tsx';
import { groupProblems } from '../../fleet/problems.ts';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The appliance's problems, the worst first. Each links to its details. */
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
                {problem.severity === 'bad' ? '✕' : '!'} <AnyCode code={problem.code} />
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

/**
 * Problems that the appliance reports about itself, except services and disks. Empty if there are none.
 */
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

/** Shows output of the appliance that could not be parsed, unchanged. */
export function UnparsedCard({ view }: { view: ApplianceView }) {
  if (view.unparsed === null) return null;
  const { value, observedAt } = view.unparsed;
  return (
    <Card tone="warn" title="Unexpected output" aside={<Age observedAt={observedAt} />}>
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
