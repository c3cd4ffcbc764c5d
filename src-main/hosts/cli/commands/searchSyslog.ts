import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import type { Services } from '../../../services.ts';
import { countLogs, searchLogs } from '../../../syslog/kept/searchLogs.ts';
import type { FoundLine } from '../../../syslog/store/search/foundLine.ts';
import { formatValue } from '../output.ts';
import { untilStopped } from '../stopSignal.ts';
import { noAppliancesText, withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances, readQuery, updateLogs } from './keptLines.ts';
import { lineText } from './lineText.ts';

export type SyslogSearch = {
  query: string;
  names: readonly string[];
  limit: number;
  oldest: boolean;
  count: boolean;
  offline: boolean;
};

function printLine({ output }: Globals, name: string, isNamed: boolean, found: FoundLine): void {
  const { text, key, arrival } = found;
  const parsed = parseSyslogLine(text, {
    receivedAt: arrival.receivedAt,
    zoneOffsetMinutes: arrival.zoneOffsetMinutes,
  });
  const { skewMs, skewErrorMs } = arrival;
  // The time by this computer's clock, by which lines are merged, and how far it may be off.
  const merged = { mergedTime: new Date(key.sort).toISOString(), skewMs, skewErrorMs };
  output.line({ appliance: name, source: key.source, line: key.line, ...parsed, ...merged }, () =>
    isNamed
      ? `${formatValue(name)}  ${lineText({ ...parsed, kind: 'line' })}`
      : lineText({ ...parsed, kind: 'line' }),
  );
}

/** Finds and prints lines. */
async function printLines(
  globals: Globals,
  services: Services,
  request: SyslogSearch & { search: LogQuery },
  signal: AbortSignal,
): Promise<void> {
  const entries = chooseAppliances(services, request.names);
  if (entries.length === 0) return globals.output.printError(noAppliancesText);
  if (!request.offline) await updateLogs(globals, services, entries, signal);
  const appliances = Object.fromEntries(entries.map(({ id, name }) => [id, name]));
  const engine = services.keptLogs.engine();
  const { limit, oldest, search: query } = request;
  if (request.count) {
    const count = await countLogs(engine, { query, appliances });
    return globals.output.print({ count }, () => `${count}`);
  }
  const order = oldest ? 'oldest' : 'newest';
  const found: FoundLine[] = [];
  for await (const line of searchLogs(engine, { query, appliances, limit, order })) found.push(line);
  // The newest are found first, and read last.
  for (const line of oldest ? found : found.toReversed())
    printLine(globals, appliances[line.applianceId] ?? line.applianceId, entries.length > 1, line);
}

/** Finds lines in the kept logs, after reading the newest ones. */
export function searchSyslog(globals: Globals, request: SyslogSearch): Promise<number> {
  const search = readQuery(request.query);
  return withConsole(globals, async (services) => {
    await untilStopped((signal) => printLines(globals, services, { ...request, search }, signal), {
      needsReader: true,
    });
    return exitCodes.done;
  });
}
