import type { Diagnosis } from '../../../../src-shared/contract/ports.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { ageMs, formatDuration } from '../../../../src-shared/base/time.ts';
import { adviseOn } from '../../../../src-shared/model/tunnels/advice.ts';
import type { Tunnel } from '../../../../src-shared/model/tunnels/chain.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import styles from '../tenants.module.css';

function agreeingLines({ lines, linesFrom }: Diagnosis, now: number): string {
  if (lines.length === 0 || linesFrom === null) return '';
  const count = lines.length === 1 ? '1 log line' : `${lines.length} log lines`;
  return ` ${count} from the last ${formatDuration(ageMs(linesFrom, now))} ${lines.length === 1 ? 'matches' : 'match'}.`;
}

/** The state at the appliance's last answer, while the appliance is away. */
function LastKnownState({ tunnel }: { tunnel: Tunnel }) {
  if (!tunnel.layers.some(({ was }) => was !== undefined)) return null;
  return (
    <>
      {' '}
      Last known state: {visibleText(tunnel.word.replace(/^was /u, ''))},{' '}
      <Ago at={tunnel.observedAt} isSentence exact />.
    </>
  );
}

/** What the first failing layer means, whom to ask and what to do. */
export function Advice({
  tunnel,
  applianceName,
  diagnosis,
}: {
  tunnel: Tunnel;
  applianceName: string;
  diagnosis: Diagnosis | undefined;
}) {
  const now = useNow();
  const { meaning, ask, next } = diagnosis ?? adviseOn(tunnel, applianceName);
  return (
    <div className={styles.advice}>
      <p>
        <MomentText text={meaning} />
        {diagnosis === undefined ? null : agreeingLines(diagnosis, now)}
        <LastKnownState tunnel={tunnel} />
      </p>
      <dl>
        {ask === null ? null : (
          <>
            <dt>Ask</dt>
            <dd>
              <MomentText text={ask} />
            </dd>
          </>
        )}
        <dt>Next</dt>
        <dd>
          <MomentText text={next} />
        </dd>
      </dl>
    </div>
  );
}
