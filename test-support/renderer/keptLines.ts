import { z } from 'zod';
import { keptSearchSchema, type FoundLines } from '../../src-shared/contract/logs.ts';
import { compareLineAge, lineKeySchema, type KeptLine } from '../../src-shared/model/syslog/keptLine.ts';
import { createLineMatcher } from '../../src-shared/model/syslog/query/matchLine.ts';
import { parseSyslogLine } from '../../src-shared/model/syslog/syslogParse.ts';
import { applianceId } from './samples.ts';

const firstAt = Date.parse('2026-11-20T03:00:00.000Z');

/** Line `number` of a kept log, one second after the line before it. */
export function keptLine(number: number, message: string, program = 'app[7]'): KeptLine {
  const time = firstAt + number * 1000;
  return {
    key: { sort: time, rank: 0, source: 1, line: number },
    applianceId,
    text: `${new Date(time).toISOString()} kiln-01 ${program}: ${message}`,
    receivedAt: time,
    zoneOffsetMinutes: 0,
    skewMs: 0,
    isContinuation: false,
  };
}

const linesInputSchema = z.object({
  search: keptSearchSchema,
  direction: z.enum(['older', 'newer']),
  after: lineKeySchema.nullable(),
  limit: z.int(),
});
type LinesInput = z.infer<typeof linesInputSchema>;

/** The input of a call of `logs.lines`. */
export const linesInput = (input: unknown): LinesInput => linesInputSchema.parse(input);

/** Searches `lines` by the reference matcher, as the console answers the page. */
export function findKeptLines(
  lines: readonly KeptLine[],
  { search, direction, after, limit }: LinesInput,
): KeptLine[] {
  const isMatch = createLineMatcher(search.query);
  const sign = direction === 'older' ? -1 : 1;
  return lines
    .filter(({ key }) => (search.from ?? key.sort) <= key.sort && key.sort <= (search.to ?? key.sort))
    .filter((line) =>
      isMatch({
        ...parseSyslogLine(line.text, line),
        receivedAt: new Date(line.receivedAt).toISOString(),
        appliance: 'kiln-01',
        tenants: [],
        ports: [],
      }),
    )
    .filter(({ key }) => after === null || compareLineAge(key, after) * sign > 0)
    .sort((a, b) => compareLineAge(a.key, b.key) * sign)
    .slice(0, limit);
}

/** The stream of found lines, in two batches. */
export async function* streamKeptLines(
  lines: readonly KeptLine[],
  input: LinesInput,
): AsyncGenerator<FoundLines> {
  const found = findKeptLines(lines, { ...input, limit: input.limit + 1 });
  const half = Math.ceil(found.length / 2);
  const isDone = found.length <= input.limit;
  yield await Promise.resolve({ lines: found.slice(0, half), isDone: false, scannedTo: null });
  yield { lines: found.slice(half, input.limit), isDone, scannedTo: null };
}
