import type { ForecastItem } from '../../../../src-shared/model/licence/licenceCommands.ts';
import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { BothTimes } from './BothTimes.tsx';
import { CheckList } from './Checks.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';

const itemLabels: Record<ForecastItem['item'], string> = {
  accounts: 'Accounts',
  connectors: 'Connectors',
  clock: 'Clock',
  disk: 'Disk',
  lock: 'Lock',
};
const outcomeLabels = {
  fits: { text: 'fits', tone: 'ok' },
  warning: { text: 'look at it', tone: 'warn' },
  refused: { text: 'refused', tone: 'bad' },
  unknown: { text: 'unknown', tone: 'unknown' },
} as const;

/** What the appliance itself said in the dry run: its forecast, and its checks if one failed. */
export function ForecastCard({ view }: { view: TripView }) {
  const { dryRun, applianceName } = view.trip;
  if (dryRun === null) return null;
  const { output, at } = dryRun;
  const isAcceptable = output.outcome !== 'refused';
  const hasFailed = output.checks.some(({ outcome }) => outcome === 'failed');
  return (
    <Card
      title={`Will ${applianceName} accept it?`}
      label="Dry run"
      aside={
        <span className={layout.row}>
          <Ago at={at} isSentence />
          <span className={feedback.chip} data-tone={isAcceptable ? 'ok' : 'bad'}>
            {isAcceptable ? '✓ yes' : 'no'}
          </span>
        </span>
      }
    >
      {hasFailed ? <CheckList checks={output.checks} label={`Checks on ${applianceName}`} /> : null}
      <ul className={styles.checks} aria-label="Forecast">
        {output.forecast.map(({ item, outcome, detail }) => (
          <li key={item}>
            <span className={feedback.word} data-tone={outcomeLabels[outcome].tone}>
              {outcomeLabels[outcome].text}
            </span>
            <span>{itemLabels[item]}</span>
            <span>
              <BothTimes text={detail} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
