import { useMemo, useState } from 'react';
import type { TunnelHistory } from '../../../../src-shared/contract/ports.ts';
import { mergeIntoCells } from '../../../../src-shared/model/tunnels/availability.ts';
import { availabilityPercent } from '../../../../src-shared/model/tunnels/availabilityReport.ts';
import type { ToneSpan } from '../../../../src-shared/model/tunnels/tunnelHistory.ts';
import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { dayMs, formatDuration, hourMs, minuteMs } from '../../../../src-shared/base/time.ts';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { StripWalk } from './StripWalk.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import historyStyles from './HistoryCard.module.css';
import textStyles from '../../../ui/text/text.module.css';

const toneWords: Record<ToneSpan['tone'], string> = {
  ok: 'OK',
  warn: 'needs attention',
  bad: 'fault',
  off: 'suspended',
  unknown: 'no data',
};

/** One cell for each pixel of the panel’s width, so that short states stay visible. */
const cellsPerStrip = 360;

/** A strip is read again with every answer of its appliance, so an older one has missed some. */
const freshForMs = minuteMs;

const wordOf = ({ code, tone }: ToneSpan) => (code === null ? toneWords[tone] : tunnelCodes[code].word);

const clock = (ms: number) => formatLocal(new Date(ms).toISOString()).slice(11, 16);

/** E.g. `02:10–03:44 stale listener, 1 h`. Counts the spans that are drawn as one. */
function spanWords(shown: ToneSpan, spans: readonly ToneSpan[]): string {
  const inside = spans.filter(
    ({ tone, code, fromMs, toMs }) =>
      tone === shown.tone && code === shown.code && fromMs < shown.toMs && toMs > shown.fromMs,
  );
  const fromMs = inside[0]?.fromMs ?? shown.fromMs;
  const toMs = inside.at(-1)?.toMs ?? shown.toMs;
  const length = inside.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
  const times = inside.length > 1 ? ` ${inside.length} times` : '';
  return `${clock(fromMs)}–${clock(toMs)} ${wordOf(shown)}${times}, ${formatDuration(length)}`;
}

/** The index of the span at a share of the strip’s width, 0 to 1. */
function spanAt(spans: readonly ToneSpan[], share: number): number {
  const fromMs = spans[0]?.fromMs ?? 0;
  const at = fromMs + share * ((spans.at(-1)?.toMs ?? 0) - fromMs);
  const index = spans.findIndex(({ toMs }) => toMs > at);
  return index === -1 ? spans.length - 1 : index;
}

/** The spans of a history in epoch milliseconds. */
export function spansOf({ spans }: TunnelHistory): ToneSpan[] {
  return spans.map(({ from, to, tone, code }) => ({
    fromMs: Date.parse(from),
    toMs: Date.parse(to),
    tone,
    code,
  }));
}

/** Merges short spans into cells that show the worst state, so that all spans fit into the strip. */
function useDrawnSpans(history: TunnelHistory) {
  return useMemo(() => {
    const spans = spansOf(history);
    const endMs = Date.parse(history.to);
    const lengthMs = Math.max(1, endMs - Date.parse(history.from));
    const drawn = mergeIntoCells(spans, lengthMs / cellsPerStrip);
    const percent = (ms: number) => (ms / lengthMs) * 100;
    return {
      spans,
      drawn: drawn.map((span) => ({
        ...span,
        right: percent(endMs - span.toMs),
        width: percent(span.toMs - span.fromMs),
      })),
    };
  }, [history]);
}

/** Spans to scale. The line below describes the span under the pointer, or the one reached with the arrow keys. */
export function HistoryStrip({
  history,
  label,
  start,
}: {
  history: TunnelHistory;
  label: string;
  /** The label below the left end. */
  start: string;
}) {
  const [held, setHeld] = useState<number | null>(null);
  const { spans, drawn } = useDrawnSpans(history);
  const isOld = useIsOld(history.to, freshForMs);
  const last = drawn.length - 1;
  const shown = held === null ? null : (drawn[held] ?? null);
  const read = shown ?? drawn[last];
  return (
    <>
      <div className={historyStyles.day}>
        {drawn.map(({ right, width, ...span }, index) => (
          <span
            key={span.fromMs}
            className={historyStyles.daySpan}
            data-tone={span.tone}
            data-known={span.code !== null}
            data-held={index === held}
            style={{ right: `${right}%`, width: `${width}%` }}
          />
        ))}
        <StripWalk
          label={label}
          valueText={read === undefined ? 'no data' : spanWords(read, spans)}
          last={last}
          held={held}
          onHold={setHeld}
          indexAt={(share) => spanAt(drawn, share)}
        />
      </div>
      <div className={`${historyStyles.dayScale} ${textStyles.faint}`} aria-hidden="true">
        {shown === null ? (
          <>
            <span>{start}</span>
            <span>
              {isOld
                ? `until ${formatLocal(history.to).slice(11, 16)}, no newer data`
                : `now${drawn[last]?.tone === 'unknown' ? ': unknown' : ''}`}
            </span>
          </>
        ) : (
          <span className={feedback.word} data-tone={shown.tone}>
            {spanWords(shown, spans)}
          </span>
        )}
      </div>
    </>
  );
}

/** E.g. `21.7 h`, more exact than `formatDuration`, because a percentage refers to it. */
function formatBase(milliseconds: number): string {
  if (milliseconds < 10 * hourMs) return formatDuration(milliseconds);
  return milliseconds < 2 * dayMs
    ? `${(milliseconds / hourMs).toFixed(1)} h`
    : `${(milliseconds / dayMs).toFixed(1)} d`;
}

/** E.g. `up 99.31 % of 21.7 h monitored`, rounded down. Less than `minMs` gives no percentage. */
export function shareText(base: { upMs: number; watchedMs: number }, minMs: number = hourMs): string {
  const percent = availabilityPercent(base);
  if (percent === null) return 'no data yet';
  if (base.watchedMs < minMs) return `monitored for ${formatDuration(base.watchedMs)}`;
  return `up ${Math.floor(percent * 100) / 100} % of ${formatBase(base.watchedMs)} monitored`;
}

export function ShareUp(base: { upMs: number; watchedMs: number }) {
  return <span className={`${textStyles.sub} ${textStyles.tabular}`}>{shareText(base)}</span>;
}
