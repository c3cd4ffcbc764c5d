import { useQuery } from '@tanstack/react-query';
import type { KeptLine, LineKey } from '../../../../../src-shared/model/syslog/keptLine.ts';
import type {
  RegisteredKey,
  TenantEvent,
} from '../../../../../src-shared/model/syslog/explain/explainRule.ts';
import {
  tellStory,
  type StoryEvent,
  type StoryLine,
} from '../../../../../src-shared/model/syslog/story/sessionStory.ts';
import type { Tone } from '../../../../../src-shared/model/tunnels/tone.ts';
import { parseSyslogLine } from '../../../../../src-shared/model/syslog/syslogParse.ts';
import { formatDuration, hourMs } from '../../../../../src-shared/base/time.ts';
import { places } from '../../../../state/places.ts';
import { type ConsoleClient, useConsole } from '../../../../rpc/client.tsx';
import { Loaded } from '../../../../ui/feedback/Loaded.tsx';
import { formatLineTime } from '../../../../ui/feedback/Moment.tsx';
import { Skeleton } from '../../../../ui/feedback/States.tsx';
import { PlaceLink } from '../../../../ui/layout/Place.tsx';
import { useExplain } from '../useExplain.ts';
import feedback from '../../../../ui/feedback/feedback.module.css';
import textStyles from '../../../../ui/text/text.module.css';
import styles from './story.module.css';

/** Lines of the tenant that are read before and after a line, and how far **[ours]**. */
const maxLines = 300;
const reachMs = 6 * hourMs;

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
  /** The line in the middle. */
  around: LineKey;
};

/** The ID is the line's lasting address, as links have it. */
const readLine = (kept: KeptLine): StoryLine => ({
  id: `${kept.key.source}.${kept.key.line}`,
  at: kept.key.sort,
  line: parseSyslogLine(kept.text, kept),
});

const timeText = (at: number): string => formatLineTime(new Date(at).toISOString(), 0);

/** The tenant's lines around a line, oldest first. */
async function readLines(
  client: ConsoleClient,
  { applianceId, clientId, around }: StoryProps,
  signal: AbortSignal,
): Promise<StoryLine[]> {
  const search = {
    query: { kind: 'field', field: 'tenant', op: '=', value: clientId } as const,
    applianceIds: [applianceId],
    from: around.sort - reachMs,
    to: around.sort + reachMs,
  };
  const read = async (direction: 'older' | 'newer', after: LineKey): Promise<StoryLine[]> => {
    const found: StoryLine[] = [];
    const batches = await client.logs.lines({ search, direction, after, limit: maxLines }, { signal });
    for await (const { lines } of batches) found.push(...lines.map(readLine));
    return found;
  };
  // The line itself is among the older ones.
  const middle = { ...around, line: around.line + 0.5 };
  const older = await read('older', middle);
  return [...older.toReversed(), ...(await read('newer', middle))];
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

/** What happened to a tenant around a line: logins, ends with their reason, refusals, and how long each lasted. */
export function TenantStory(props: StoryProps) {
  const { applianceId, clientId, keys, around } = props;
  const { client } = useConsole();
  const { explain } = useExplain();
  const lines = useQuery({
    queryKey: ['tenant-story', applianceId, clientId, around],
    queryFn: ({ signal }) => readLines(client, props, signal),
    gcTime: 0,
  });
  const chosen = `${around.source}.${around.line}`;
  return (
    <Loaded
      query={lines}
      skeleton={<Skeleton lines={4} />}
      empty={<p className={textStyles.sub}>No kept lines of {clientId} in these hours.</p>}
    >
      {(list) => {
        const events = tellStory(list, (line) => explain(line, keys));
        return events.length === 0 ? (
          <p className={textStyles.sub}>No login, end or refusal in the lines of {clientId}.</p>
        ) : (
          <ol className={styles.events} aria-label={`What happened to ${clientId}`}>
            {events.map((event) => (
              <EventItem key={event.id} event={event} isChosen={event.id === chosen} />
            ))}
          </ol>
        );
      }}
    </Loaded>
  );
}
