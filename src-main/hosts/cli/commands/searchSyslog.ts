import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import { countLogs, searchLogs } from '../../../syslog/kept/searchLogs.ts';
import type { FoundLine } from '../../../syslog/store/search/foundLine.ts';
import { formatValue } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
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
  output.line({ appliance: name, source: key.source, line: key.line, ...parsed }, () =>
    isNamed
      ? `${formatValue(name)}  ${lineText({ ...parsed, kind: 'line' })}`
      : lineText({ ...parsed, kind: 'line' }),
  );
}

/** Finds lines in the kept logs, after reading the newest ones. */
export function searchSyslog(globals: Globals, request: SyslogSearch): Promise<number> {
  const query = readQuery(request.query);
  return withConsole(globals, async (services) => {
    const entries = chooseAppliances(services, request.names);
    if (entries.length === 0) {
      globals.output.printError(noAppliancesText);
      return exitCodes.done;
    }
    const { signal } = stopSignal({ needsReader: true });
    if (!request.offline) await updateLogs(globals, services, entries, signal);
    const appliances = Object.fromEntries(entries.map(({ id, name }) => [id, name]));
    const engine = services.keptLogs.engine();
    if (request.count) {
      const count = await countLogs(engine, { query, appliances });
      globals.output.print({ count }, () => `${count}`);
      return exitCodes.done;
    }
    const { limit, oldest } = request;
    const found: FoundLine[] = [];
    for await (const line of searchLogs(engine, {
      query,
      appliances,
      limit,
      order: oldest ? 'oldest' : 'newest',
    }))
      found.push(line);
    // The newest are found first, and read last.
    for (const line of oldest ? found : found.toReversed())
      printLine(globals, appliances[line.applianceId] ?? line.applianceId, entries.length > 1, line);
    return exitCodes.done;
  });
}
