import { useState } from 'react';
import type { PortRow, TunnelHistory } from '../../../../src-shared/contract/ports.ts';
import { toneOf, tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { localMoments, MomentText } from '../../../ui/feedback/Moment.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { formatLatency } from '../rows.ts';
import { HistoryStrip, ShareUp } from './HistoryStrip.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import historyStyles from './HistoryCard.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

const chart = { width: 360, height: 34 } as const;

function Latency({ history }: { history: TunnelHistory }) {
  const { latency } = history;
  const last = latency.at(-1);
  if (last === undefined) return null;
  const start = Date.parse(history.from);
  const length = Math.max(1, Date.parse(history.to) - start);
  const slowest = latency.reduce((most, point) => Math.max(most, point.milliseconds), 1);
  const points = latency.map((point) => {
    const x = ((Date.parse(point.at) - start) / length) * chart.width;
    const y = chart.height - 2 - (point.milliseconds / slowest) * (chart.height - 6);
    return [x, y] as const;
  });
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const words = `Latency over the last 24 hours: last ${formatLatency(last.milliseconds)}, slowest ${formatLatency(slowest)}`;
  return (
    <div className={historyStyles.latency}>
      <svg
        viewBox={`0 0 ${chart.width} ${chart.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words}
      >
        <title>{words}</title>
        {points.length === 1 ? null : <polyline points={line} />}
        {points.length > 2 ? null : points.map(([x, y]) => <circle key={x} cx={x} cy={y} r={2} />)}
      </svg>
      <span className={`${textStyles.faint} ${textStyles.mono}`}>
        {formatLatency(last.milliseconds)} · slowest {formatLatency(slowest)}
      </span>
    </div>
  );
}

const shownDrops = 5;

type LastDrop = PortRow['lastDrop'];

/** Removes the word of the code from the start of a reason, because the list already shows it. */
function withoutWord({ code, reason }: TunnelHistory['drops'][number]): string {
  const { word } = tunnelCodes[code];
  return reason.startsWith(word) ? reason.slice(word.length).replace(/^[:,]? /u, '') : reason;
}

function Drops({ history, lastDrop }: { history: TunnelHistory; lastDrop: LastDrop }) {
  const { drops } = history;
  const [showsAll, setShowsAll] = useState(false);
  if (drops.length === 0)
    return <NoneWatched wasDown={history.upMs < history.watchedMs} lastDrop={lastDrop} />;
  const newestFirst = drops.toReversed();
  return (
    <>
      <ul className={historyStyles.drops} aria-label="Drops">
        {(showsAll ? newestFirst : newestFirst.slice(0, shownDrops)).map((drop) => (
          <li key={`${drop.at} ${drop.code}`}>
            <Ago at={drop.at} />
            <span className={feedback.word} data-tone={toneOf(drop.code)}>
              {tunnelCodes[drop.code].word}
            </span>
            <CodeLink code={drop.code} />
            <span className={`${textStyles.sub} ${textStyles.clip}`} title={localMoments(drop.reason)}>
              <MomentText text={withoutWord(drop)} />
            </span>
          </li>
        ))}
      </ul>
      {drops.length > shownDrops ? (
        <button type="button" className={textStyles.linkButton} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Show fewer' : `Show all ${drops.length}`}
        </button>
      ) : null}
    </>
  );
}

/**
 * If this console has not recorded a drop, the appliance may still know how the last session ended. An outage
 * without a drop began before the console monitored the tunnel.
 */
function NoneWatched({ wasDown, lastDrop }: { wasDown: boolean; lastDrop: LastDrop }) {
  if (lastDrop === null)
    return (
      <p className={`${textStyles.sub} ${styles.dropsNote}`}>
        {wasDown ? 'It was already down when monitoring started.' : 'No drops seen.'}
      </p>
    );
  return (
    <p className={`${textStyles.sub} ${styles.dropsNote}`}>
      The last drop was <Ago at={lastDrop.at} /> ago: <MachineText text={lastDrop.reason} />
    </p>
  );
}

/** The last 24 hours of a tunnel, as far as this console monitored it. */
export function HistoryCard({ history, lastDrop }: { history: TunnelHistory; lastDrop: LastDrop }) {
  return (
    <Card title="Last 24 hours" aside={<ShareUp {...history} />}>
      <HistoryStrip history={history} label="The last 24 hours" start="24 h ago" />
      <Latency history={history} />
      <Drops history={history} lastDrop={lastDrop} />
    </Card>
  );
}
