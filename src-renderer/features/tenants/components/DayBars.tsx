import { useMemo, useState } from 'react';
import type { TunnelHistory } from '../../../../src-shared/contract/ports.ts';
import { dayMs, formatDuration } from '../../../../src-shared/base/time.ts';
import { shareDays, sumFaults, type DayShare } from '../../../../src-shared/model/tunnels/dayShares.ts';
import { tunnelCodes } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { CodeLink } from '../../codes/CodeLink.tsx';
import { shareText, spansOf } from './HistoryStrip.tsx';
import { StripWalk } from './StripWalk.tsx';
import historyStyles from './HistoryCard.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The parts of a bar, from bottom to top. */
const tones = ['ok', 'off', 'warn', 'bad', 'unknown'] as const;

/** The starts of the local days of a period; the first day starts with the period. A day may have 23 or 25 hours. */
function dayStarts(fromMs: number, toMs: number): number[] {
  const starts: number[] = [];
  const day = new Date(fromMs);
  for (let at = fromMs; at < toMs; at = day.getTime()) {
    starts.push(at);
    day.setHours(24, 0, 0, 0);
  }
  return starts;
}

/** `11-14: up 99.2 % of 24.0 h monitored, stale listener 40 min` */
function dayWords(day: DayShare): string {
  const date = formatLocal(new Date(day.fromMs).toISOString()).slice(5, 10);
  const faults = day.faults.map(
    ({ code, durationMs }) => `${tunnelCodes[code].word} ${formatDuration(durationMs)}`,
  );
  return `${date}: ${[shareText(day), ...faults].join(', ')}`;
}

function DayBar({ day, isHeld }: { day: DayShare; isHeld: boolean }) {
  return (
    <span className={historyStyles.dayBar} data-held={isHeld}>
      {tones.map((tone) =>
        day.byTone[tone] === 0 ? null : (
          <i
            key={tone}
            className={historyStyles.dayPart}
            data-tone={tone}
            style={{ height: `${(day.byTone[tone] / dayMs) * 100}%` }}
          />
        ),
      )}
    </span>
  );
}

const shownFaults = 4;

/** A bar for each local day of a history, to the scale of 24 hours, and the total of each fault. */
export function DayBars({ history, label }: { history: TunnelHistory; label: string }) {
  const [held, setHeld] = useState<number | null>(null);
  const days = useMemo(
    () => shareDays(spansOf(history), dayStarts(Date.parse(history.from), Date.parse(history.to))),
    [history],
  );
  const faults = useMemo(() => sumFaults(days.flatMap((day) => day.faults)), [days]);
  const last = days.length - 1;
  const shown = held === null ? undefined : days[held];
  const read = shown ?? days[last];
  return (
    <>
      <div className={historyStyles.days}>
        {days.map((day, index) => (
          <DayBar key={day.fromMs} day={day} isHeld={index === held} />
        ))}
        <StripWalk
          label={label}
          valueText={read === undefined ? 'no data' : dayWords(read)}
          last={last}
          held={held}
          onHold={setHeld}
          indexAt={(share) => Math.max(0, Math.min(last, Math.floor(share * days.length)))}
        />
      </div>
      <div className={`${historyStyles.dayScale} ${textStyles.faint}`} aria-hidden="true">
        {shown === undefined ? (
          <>
            <span>30 d ago</span>
            <span>one bar per day</span>
            <span>today</span>
          </>
        ) : (
          <span>{dayWords(shown)}</span>
        )}
      </div>
      {faults.length === 0 ? null : (
        <PlainList label="Faults of the last 30 days">
          {faults.slice(0, shownFaults).map(({ code, durationMs }) => (
            <li key={code}>
              <CodeLink code={code} /> {tunnelCodes[code].word}{' '}
              <span className={textStyles.sub}>{formatDuration(durationMs)}</span>
            </li>
          ))}
        </PlainList>
      )}
    </>
  );
}
