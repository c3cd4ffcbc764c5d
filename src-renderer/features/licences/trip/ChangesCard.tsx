import type { LicenceChange, TripView } from '../../../../src-shared/model/licence/trip.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

const tones = { gain: 'ok', loss: 'warn', same: undefined, neutral: undefined } as const;

function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : many}`;
}

/** An instant in UTC has its local time in the tooltip. */
function Value({ text }: { text: string }) {
  const isInstant = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/u.test(text);
  return (
    <span
      title={isInstant ? `${formatLocal(text.replace(' UTC', 'Z').replace(' ', 'T'))} local time` : undefined}
    >
      <MachineText text={text === '' ? '–' : text} />
    </span>
  );
}

/** The differences between the installed licence and the answer. What stays the same is listed in one line. */
export function ChangesCard({ view, children }: { view: TripView; children?: React.ReactNode }) {
  const { changes, losses, trip } = view;
  const gains = changes.filter(({ effect }) => effect === 'gain').length;
  const acknowledged = losses.filter((loss) => loss.acknowledged !== null).length;
  const same = changes.filter(({ effect }) => effect === 'same');
  return (
    <Card
      title="What changes"
      label="What changes"
      flush
      aside={
        <span className={layout.row}>
          {gains === 0 ? null : (
            <span className={feedback.chip} data-tone="ok">
              {plural(gains, 'gain')}
            </span>
          )}
          <span className={feedback.chip} data-tone={losses.length === 0 ? undefined : 'warn'}>
            {losses.length === 0
              ? 'no losses'
              : `${plural(losses.length, 'loss', 'losses')}, ${acknowledged} acknowledged`}
          </span>
        </span>
      }
    >
      <div className={styles.tableFrame} data-testid="table">
        <table className={styles.changes}>
          <thead>
            <tr>
              <th scope="col">Licence</th>
              <th scope="col">
                Now{trip.installed.sequence === null ? '' : ` (sequence ${trip.installed.sequence})`}
              </th>
              <th scope="col">After</th>
              <th scope="col" className={styles.end}>
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {changes
              .filter(({ effect }) => effect !== 'same')
              .map((change) => (
                <ChangeRow key={change.id} change={change} />
              ))}
          </tbody>
        </table>
      </div>
      {same.length === 0 ? null : (
        <p className={`${styles.unchanged} ${textStyles.sub}`}>
          Unchanged: {same.map(({ field, after }) => `${field} ${after}`.trim()).join(' · ')}
        </p>
      )}
      {children}
    </Card>
  );
}

function ChangeRow({ change }: { change: LicenceChange }) {
  return (
    <tr>
      <th scope="row">{change.field}</th>
      <td>
        <Value text={change.before} />
      </td>
      <td>
        <Value text={change.after} />
      </td>
      <td className={`${styles.end} ${feedback.word}`} data-tone={tones[change.effect]}>
        {change.difference}
        {change.effect === 'neutral' ? null : <span className={layout.srOnly}> ({change.effect})</span>}
      </td>
    </tr>
  );
}
