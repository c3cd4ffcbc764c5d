import { hourMs } from '../../../../src-shared/base/time.ts';
import type { KeptLine, LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import type { StoryLine } from '../../../../src-shared/model/syslog/story/sessionStory.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import type { ConsoleClient } from '../../../rpc/client.tsx';

/** Lines that are read on each side of a line, and how far back a session's login is looked for **[ours]**. */
const maxLines = 300;
export const reachMs = 6 * hourMs;

/** The times of a story, in epoch milliseconds, and the line in the middle. Null without one, or without a bound. */
export type StoryTimes = { from: number | null; to: number | null; around: LineKey | null };

export const timesAround = (around: LineKey): StoryTimes => ({
  from: around.sort - reachMs,
  to: around.sort + reachMs,
  around,
});

function queryOf(clientId: string, programs: readonly string[] | null): LogQuery {
  const ofTenant: LogQuery = { kind: 'field', field: 'tenant', op: '=', value: clientId };
  if (programs === null) return ofTenant;
  const ofPrograms = programs.map((value): LogQuery => ({ kind: 'field', field: 'program', op: '~', value }));
  return { kind: 'and', nodes: [ofTenant, { kind: 'or', nodes: ofPrograms }] };
}

/** The ID is the line's lasting address, as links have it. */
const readLine = (kept: KeptLine): StoryLine => ({
  id: `${kept.key.source}.${kept.key.line}`,
  at: kept.key.sort,
  line: parseSyslogLine(kept.text, kept),
});

/** The lines that can say what happened to the tenant, oldest first. */
export async function readStory(
  client: ConsoleClient,
  options: {
    applianceId: string;
    clientId: string;
    programs: readonly string[] | null;
    times: StoryTimes;
  },
  signal: AbortSignal,
): Promise<StoryLine[]> {
  const { from, to, around } = options.times;
  const search = {
    query: queryOf(options.clientId, options.programs),
    applianceIds: [options.applianceId],
    from: around !== null || from === null ? from : from - reachMs,
    to,
  };
  const read = async (direction: 'older' | 'newer', after: LineKey | null): Promise<StoryLine[]> => {
    const found: StoryLine[] = [];
    const limit = around === null ? 2 * maxLines : maxLines;
    const batches = await client.logs.lines({ search, direction, after, limit }, { signal });
    for await (const { lines } of batches) found.push(...lines.map(readLine));
    return found;
  };
  if (around === null) return (await read('older', null)).toReversed();
  // The line itself is among the older ones.
  const middle = { ...around, line: around.line + 0.5 };
  const older = await read('older', middle);
  return [...older.toReversed(), ...(await read('newer', middle))];
}
