import { memo } from 'react';
import { PartBoundary } from '../../../ui/feedback/PartBoundary.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Split } from '../../../ui/layout/Split.tsx';
import { type LogBuffer, type LogSnapshot, maxLines } from '../buffer.ts';
import { type LineChoice, useLineChoice, useLogKeys } from '../useLineChoice.ts';
import { useLog } from '../useLog.ts';
import { LineDetail } from './LineDetail.tsx';
import { LogView } from './LogView.tsx';
import card from '../../../ui/layout/Card.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../syslog.module.css';

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** The lines and what is chosen of them. Only this part is drawn with each batch, and only batches draw it. */
export const LogCard = memo(function LogCard({
  buffer,
  nameOf,
  query,
  isWrapped,
  toggleWrap,
  nothing,
}: {
  buffer: LogBuffer;
  nameOf: (id: string) => string;
  query: string;
  isWrapped: boolean;
  toggleWrap: () => void;
  nothing: string;
}) {
  const snapshot = useLog(buffer);
  const choice = useLineChoice(buffer);
  useLogKeys({ buffer, choice, toggleWrap });
  return (
    <>
      <LogFigures snapshot={snapshot} />
      <Split hasDetail={choice.line !== null}>
        <div className={`${card.card} ${styles.logCard}`}>
          <PartBoundary part="The log">
            <LogView
              buffer={buffer}
              snapshot={snapshot}
              nameOf={nameOf}
              query={query}
              isWrapped={isWrapped}
              choice={choice}
            />
          </PartBoundary>
          {snapshot.rows.length > 0 ? null : (
            <p className={styles.logNone}>{snapshot.held > 0 ? 'No matching lines.' : nothing}</p>
          )}
          {snapshot.unseen > 0 ? (
            <button type="button" className={styles.unseen} onClick={buffer.follow} data-testid="unseen">
              {wholeNumber.format(snapshot.unseen)} new line{snapshot.unseen === 1 ? '' : 's'} ↓
            </button>
          ) : null}
        </div>
        {choice.line === null ? null : (
          <LineDetail
            line={choice.line}
            applianceName={nameOf(choice.line.applianceId)}
            onClose={choice.clear}
          />
        )}
      </Split>
      <ChoiceBar choice={choice} />
    </>
  );
});

/** What can be done with the chosen lines; without any, the keys that matter here. */
function ChoiceBar({ choice }: { choice: LineChoice }) {
  if (choice.count === 0)
    return (
      <span className={`${feedback.age} ${styles.logFigures}`}>
        Space pauses; End follows. Click or use ↑ ↓ to select a line; hold Shift to select several. Ctrl+C
        copies.
      </span>
    );
  return (
    <div className={layout.row}>
      <span className={feedback.age}>{wholeNumber.format(choice.count)} selected</span>
      <Button small onClick={choice.copy}>
        Copy {choice.count === 1 ? 'line' : 'lines'}
      </Button>
      <Button small kind="quiet" onClick={choice.clear}>
        Clear
      </Button>
    </div>
  );
}

/** How many lines are loaded, since when, and whether older ones exist. */
function describeLoaded({ held, oldestAt, hasOlder }: LogSnapshot): string {
  const newest = hasOlder ? 'newest ' : '';
  const since = oldestAt === null ? '' : ` since ${formatLineTime(oldestAt, 0)}`;
  const older = hasOlder ? '; older ones are not loaded' : '';
  return `${wholeNumber.format(held)} ${newest}lines${since}${older}`;
}

function LogFigures({ snapshot }: { snapshot: LogSnapshot }) {
  const parts = [
    `${wholeNumber.format(snapshot.linesPerSecond)} lines/s`,
    describeLoaded(snapshot),
    snapshot.following ? `at most ${wholeNumber.format(maxLines)} in memory` : 'paused',
    'ordered by arrival',
    ...(snapshot.full ? ['paused for too long: new lines are dropped and marked as a gap'] : []),
  ];
  return (
    <span className={`${feedback.age} ${styles.logFigures}`} data-testid="log-figures">
      {parts.join(' · ')}
    </span>
  );
}
