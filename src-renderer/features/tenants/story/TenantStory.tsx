import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RegisteredKey, TenantEvent } from '../../../../src-shared/model/syslog/explain/explainRule.ts';
import { type StoryEvent, tellStory } from '../../../../src-shared/model/syslog/story/sessionStory.ts';
import type { Tone } from '../../../../src-shared/model/tunnels/tone.ts';
import { formatDuration } from '../../../../src-shared/base/time.ts';
import { places } from '../../../state/places.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { readStory, type StoryTimes } from './readStory.ts';
import { useExplain } from './useExplain.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from './story.module.css';

/** Events that are shown on each side of a line, or at the end of a range **[ours]**. */
const maxBeside = 4;
const maxShown = 12;

const eventFacts: Record<TenantEvent, { tone: Tone; duration: (text: string) => string }> = {
  connected: { tone: 'ok', duration: (text) => `after ${text} without a session` },
  ended: { tone: 'bad', duration: (text) => `after ${text}` },
  refused: { tone: 'warn', duration: (text) => text },
  opened: { tone: 'ok', duration: (text) => text },
  closed: { tone: 'off', duration: (text) => text },
};

export type StoryProps = {
  applianceId: string;
  clientId: string;
  /** The tenant's present keys. */
  keys: readonly RegisteredKey[];
  times: StoryTimes;
  /** Lines that arrive are read when it changes. */
  revision?: number;
  /** Whether lines that are not kept yet are being read. */
  isReading?: boolean;
};

const timeText = (at: number): string => formatLineTime(new Date(at).toISOString(), 0);

/** The events that are near the line in the middle, or the last ones of the range. */
function findNear(events: readonly StoryEvent[], { around }: StoryTimes): readonly StoryEvent[] {
  if (around === null) return events.slice(-maxShown);
  const next = events.findIndex(({ at }) => at > around.sort);
  const middle = next === -1 ? events.length : next;
  return events.slice(Math.max(0, middle - maxBeside), middle + maxBeside);
}

function EventItem({ event, isChosen }: { event: StoryEvent; isChosen: boolean }) {
  const { tone, duration } = eventFacts[event.event];
  return (
    <li aria-current={isChosen ? 'true' : undefined}>
      <PlaceLink to={places.syslog({ show: 'search', line: event.id })} className={textStyles.link}>
        {timeText(event.at)}
      </PlaceLink>{' '}
      <span className={feedback.word} data-tone={tone}>
        {event.title}
      </span>
      {event.durationMs === null ? null : ` ${duration(formatDuration(event.durationMs))}`}
      {event.count === 1 ? null : `, ${event.count} times, last ${timeText(event.lastAt)}`}
      <p className={textStyles.sub}>{event.meaning}</p>
    </li>
  );
}

function EventList({ events, props }: { events: readonly StoryEvent[]; props: StoryProps }) {
  const { clientId, times } = props;
  const [showsAll, setShowsAll] = useState(false);
  const shown = showsAll ? events : findNear(events, times);
  const chosen = times.around === null ? null : `${times.around.source}.${times.around.line}`;
  return (
    <div className={layout.stack}>
      <ol className={styles.events} aria-label={`What happened to ${clientId}`}>
        {shown.map((event) => (
          <EventItem key={event.id} event={event} isChosen={event.id === chosen} />
        ))}
      </ol>
      {shown.length === events.length ? null : (
        <div className={layout.row}>
          <Button small onClick={() => setShowsAll(true)}>
            Show all {events.length} events
          </Button>
        </div>
      )}
    </div>
  );
}

/** What happened to a tenant: logins, ends with their reason, refusals and forwards, and how long each lasted. */
export function TenantStory(props: StoryProps) {
  const { applianceId, clientId, keys, times, revision = 0, isReading = false } = props;
  const { client } = useConsole();
  const { explain, eventPrograms: programs } = useExplain();
  const lines = useQuery({
    queryKey: ['tenant-story', applianceId, clientId, programs, times, revision],
    queryFn: ({ signal }) => readStory(client, { applianceId, clientId, programs, times }, signal),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const isInTime = ({ lastAt }: StoryEvent): boolean => times.from === null || lastAt >= times.from;
  return (
    <Loaded query={lines} skeleton={<Skeleton lines={4} />}>
      {(list) => {
        const events = tellStory(list, (line) => explain(line, keys)).filter(isInTime);
        if (events.length > 0) return <EventList events={events} props={props} />;
        if (isReading) return <Skeleton lines={4} />;
        return <p className={textStyles.sub}>No login, end or refusal of {clientId} in the kept lines.</p>;
      }}
    </Loaded>
  );
}
