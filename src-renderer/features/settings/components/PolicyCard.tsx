import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { describePolicyProblem, lockKey, type Policy } from '../../../../src-shared/model/policy/policy.ts';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { usePolicy } from '../../system/queries.ts';
import styles from '../settings.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** What the policy file of this computer locks and forbids. Shows nothing if there is no such file. */
export function PolicyCard() {
  const policy = usePolicy().data;
  if (policy === undefined || policy.state === 'absent') return null;
  const tone = policy.state === 'faulty' ? 'bad' : policy.warnings.length > 0 ? 'warn' : undefined;
  return (
    <Card title="Managed policy" label="Managed policy" {...(tone === undefined ? {} : { tone })}>
      <div className={styles.settingsForm}>
        <p className={textStyles.sub}>
          The administrators of this computer decide these settings. Changes to the file count within seconds.
        </p>
        <PolicyProblems policy={policy} />
        <Facts
          facts={[
            ['File', <Path key="path" path={policy.path} />],
            ['Read', <Moment key="read" at={policy.readAt} />],
            ['Connected window', policy.connectedWindow],
            ['Locked settings', policy.locks.length === 0 ? 'none' : <Locks key="locks" policy={policy} />],
          ]}
        />
      </div>
    </Card>
  );
}

function Path({ path }: { path: string }) {
  return <span className={`${textStyles.mono} ${styles.lockNote}`}>{visibleLine(path)}</span>;
}

function PolicyProblems({ policy }: { policy: Policy }) {
  const { path, problems, warnings } = policy;
  if (problems.length + warnings.length === 0) return null;
  return (
    <div role="alert" className={styles.lockNote}>
      {problems.length === 0 ? null : (
        <p className={textStyles.strong}>
          The file has errors. The connected window is forbidden until they are corrected; valid locks apply.
        </p>
      )}
      <PlainList label="Problems of the policy file">
        {[...problems.map((problem) => describePolicyProblem(path, problem)), ...warnings].map((text) => (
          <li key={text}>{visibleLine(text)}</li>
        ))}
      </PlainList>
    </div>
  );
}

function Locks({ policy }: { policy: Policy }) {
  return (
    <PlainList label="Locked settings">
      {policy.locks.map((lock) => (
        <li key={lockKey(lock)} className={styles.lockNote}>
          <span className={textStyles.mono}>{lockKey(lock)}</span>: {visibleLine(lock.shown)}
        </li>
      ))}
    </PlainList>
  );
}
