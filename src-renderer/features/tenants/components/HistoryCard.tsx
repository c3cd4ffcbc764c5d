import { useState } from 'react';
import type { PortRow, TunnelHistory } from '../../../../src-shared/contract/ports.ts';
import { toneOf, tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { formatLatency } from '../rows.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import historyStyles from './HistoryCard.module.css';
import styles from '../tenants.module.css';
import textStyles from '../../../ui/text/text.module.css';

type Span = TunnelHistory['spans'][number];

const toneWords: Record<Span['tone'], string> = {
  ok: 'OK',
  warn: 'needs attention',
  bad: 'fault',
  off: 'suspended',
  unknown: 'no data',
};

function clock(instant: string): string {
  return formatLocal(instant).slice(11, 16);
}

function durationOf({ from, to }: Span): number {
  return Date.parse(to) - Date.parse(from);
}

/** `02:10–03:44 stale listener, 1 h`. */
function spanWords(span: Span): string {
  const what = span.code === null ? toneWords[span.tone] : tunnelCodes[span.code].word;
  return `${clock(span.from)}–${clock(span.to)} ${what}, ${formatDuration(durationOf(span))}`;
}

/** Share of the monitored time in which it was up; null without monitored time. */
function availability(spans: readonly Span[]): number | null {
  const sum = (of: readonly Span[]): number => of.reduce((total, span) => total + durationOf(span), 0);
  const watched = sum(spans.filter((span) => span.tone !== 'unknown'));
  return watched === 0 ? null : (sum(spans.filter((span) => span.tone === 'ok')) / watched) * 100;
}

function formatShare(percent: number): string {
  if (percent === 100 || percent === 0) return `${percent} %`;
  return `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`;
}

/** The span at a share of the strip's length. */
function spanAt(history: TunnelHistory, share: number): number {
  const at = Date.parse(history.from) + share * (Date.parse(history.to) - Date.parse(history.from));
  const index = history.spans.findIndex((span) => Date.parse(span.to) > at);
  return index === -1 ? history.spans.length - 1 : index;
}

/** Spans to scale. Left and right walk through them, the pointer too; the line below says what one was. */
function Strip({ history }: { history: TunnelHistory }) {
  const [held, setHeld] = useState<number | null>(null);
  const length = Math.max(1, Date.parse(history.to) - Date.parse(history.from));
  const { spans } = history;
  const last = spans.length - 1;
  const shown = held === null ? null : (spans[held] ?? null);
  const read = spans[held ?? last];
  return (
    <>
      <div className={historyStyles.day}>
        {spans.map((span, index) => (
          <span
            key={span.from}
            className={historyStyles.daySpan}
            data-tone={span.tone}
            data-held={index === held}
            style={{ width: `${(durationOf(span) / length) * 100}%` }}
          />
        ))}
        <input
          type="range"
          className={historyStyles.dayWalk}
          aria-label="The last 24 hours"
          aria-valuetext={read === undefined ? 'no data' : spanWords(read)}
          min={0}
          max={Math.max(0, last)}
          step={1}
          value={held ?? Math.max(0, last)}
          onChange={(event) => setHeld(event.currentTarget.valueAsNumber)}
          onFocus={() => setHeld((at) => at ?? last)}
          onBlur={() => setHeld(null)}
          onPointerMove={(event) => {
            const { left, width } = event.currentTarget.getBoundingClientRect();
            setHeld(spanAt(history, width === 0 ? 0 : (event.clientX - left) / width));
          }}
          onPointerLeave={(event) => {
            if (event.currentTarget !== document.activeElement) setHeld(null);
          }}
        />
      </div>
      <div className={`${historyStyles.dayScale} ${textStyles.faint}`} aria-hidden="true">
        {shown === null ? (
          <>
            <span>24 h ago</span>
            <span>now</span>
          </>
        ) : (
          <span className={feedback.word} data-tone={shown.tone}>
            {spanWords(shown)}
          </span>
        )}
      </div>
    </>
  );
}

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

function Drops({ drops, lastDrop }: { drops: TunnelHistory['drops']; lastDrop: LastDrop }) {
  const [showsAll, setShowsAll] = useState(false);
  if (drops.length === 0) return <NoneWatched lastDrop={lastDrop} />;
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
            <span className={`${textStyles.sub} ${textStyles.clip}`} title={visibleText(drop.reason)}>
              {visibleText(drop.reason)}
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

/** Where this console watched no drop, the appliance may still remember how the last session ended. */
function NoneWatched({ lastDrop }: { lastDrop: LastDrop }) {
  if (lastDrop === null) return <p className={`${textStyles.sub} ${styles.dropsNote}`}>No drops seen.</p>;
  return (
    <p className={`${textStyles.sub} ${styles.dropsNote}`}>
      The last drop was <Ago at={lastDrop.at} /> ago: <MachineText text={lastDrop.reason} />
    </p>
  );
}

/** How the tunnel was in the last day, as far as this console watched. */
export function HistoryCard({ history, lastDrop }: { history: TunnelHistory; lastDrop: LastDrop }) {
  const share = availability(history.spans);
  return (
    <Card
      title="Last 24 hours"
      aside={
        <span className={`${textStyles.sub} ${textStyles.tabular}`}>
          {share === null ? 'no data yet' : `${formatShare(share)} up while monitored`}
        </span>
      }
    >
      <Strip history={history} />
      <Latency history={history} />
      <Drops drops={history.drops} lastDrop={lastDrop} />
    </Card>
  );
}
