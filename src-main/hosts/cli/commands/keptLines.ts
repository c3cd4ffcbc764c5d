import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { parseQuery } from '../../../../src-shared/model/syslog/query/parseQuery.ts';
import {
  readQueryTime,
  timeForms,
  type TimeSpan,
} from '../../../../src-shared/model/syslog/query/queryTime.ts';
import { quoteText } from '../../../../src-shared/base/machineText.ts';
import { race } from '../../../../src-shared/base/race.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { withLinkOrReason } from '../../../links/withLink.ts';
import type { Services } from '../../../services.ts';
import { catchUp } from '../../../syslog/kept/catchUp.ts';
import { findAppliance, type Globals } from '../withConsole.ts';

/** Throws INVALID_INPUT. */
export function readQuery(text: string): LogQuery {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return parseQuery(text, { now: Date.now(), timeZone }).query;
}

/** The time that an option names. Throws INVALID_INPUT. */
export function readTime(option: string, text: string): TimeSpan {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const span = readQueryTime(text, { now: Date.now(), timeZone });
  if (span === null)
    throw new AppError('INVALID_INPUT', `${option} ${quoteText(text)} is no time; write ${timeForms}.`);
  return span;
}

/** The named appliances, or all if there are no names. Throws NOT_FOUND. */
export function chooseAppliances(services: Services, names: readonly string[]): readonly ApplianceEntry[] {
  return names.length === 0 ? services.inventory.list() : names.map((name) => findAppliance(services, name));
}

/** Reads the newest lines of appliances, and says which could not be read. Rejects when `signal` aborts. */
export async function updateLogs(
  { output }: Globals,
  services: Services,
  entries: readonly ApplianceEntry[],
  signal: AbortSignal,
): Promise<void> {
  const updates = entries.map(async (entry) => {
    const why = await withLinkOrReason(services.links, entry, async (error) =>
      error === null ? catchUp(services.keptLogs, entry.id, signal) : error.message,
    );
    if (why !== null && !signal.aborted)
      output.printError(`sallyport: ${entry.name}: ${why} Only the lines that were kept before are used.`);
  });
  // A link that is not up yet knows nothing of the signal.
  await race(Promise.all(updates), { signal });
}
