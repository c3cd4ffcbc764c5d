import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { parseQuery } from '../../../../src-shared/model/syslog/query/parseQuery.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { Services } from '../../../services.ts';
import { linkError } from '../../../ssh/session/linkError.ts';
import { catchUp } from '../../../syslog/kept/catchUp.ts';
import { countLogs, searchLogs } from '../../../syslog/kept/searchLogs.ts';
import type { FoundLine } from '../../../syslog/store/search/foundLine.ts';
import { formatValue } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { findAppliance, noAppliancesText, withConsole, type Globals } from '../withConsole.ts';
import { lineText } from './lineText.ts';

const connectTimeoutMs = 20 * secondMs;

export type SyslogSearch = {
  query: string;
  names: readonly string[];
  limit: number;
  oldest: boolean;
  count: boolean;
  offline: boolean;
};

/** Reads the newest lines of an appliance. Returns why it could not, or null. */
async function update(
  services: Services,
  entry: ApplianceEntry,
  signal: AbortSignal,
): Promise<string | null> {
  const release = services.links.hold([entry.id]);
  try {
    const error = linkError(entry, await services.links.waitUntilSettled(entry.id, connectTimeoutMs));
    return error === null ? await catchUp(services.keptLogs, entry.id, signal) : error.message;
  } finally {
    release();
  }
}

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
  const { query } = parseQuery(request.query, {
    now: Date.now(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  return withConsole(globals, async (services) => {
    const entries =
      request.names.length === 0
        ? services.inventory.list()
        : request.names.map((name) => findAppliance(services, name));
    if (entries.length === 0) {
      globals.output.printError(noAppliancesText);
      return exitCodes.done;
    }
    const { signal } = stopSignal({ needsReader: true });
    if (!request.offline)
      await Promise.all(
        entries.map(async (entry) => {
          const why = await update(services, entry, signal);
          if (why !== null)
            globals.output.printError(
              `sallyport: ${entry.name}: ${why} Only the lines that were kept before are searched.`,
            );
        }),
      );
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
