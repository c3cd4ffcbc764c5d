import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import type { LogQuery } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { parseQuery } from '../../../../src-shared/model/syslog/query/parseQuery.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { Services } from '../../../services.ts';
import { linkError } from '../../../ssh/session/linkError.ts';
import { catchUp } from '../../../syslog/kept/catchUp.ts';
import { findAppliance, type Globals } from '../withConsole.ts';

const connectTimeoutMs = 20 * secondMs;

/** Throws INVALID_INPUT. */
export function readQuery(text: string): LogQuery {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return parseQuery(text, { now: Date.now(), timeZone }).query;
}

/** The named appliances, or all if there are no names. Throws NOT_FOUND. */
export function chooseAppliances(services: Services, names: readonly string[]): readonly ApplianceEntry[] {
  return names.length === 0 ? services.inventory.list() : names.map((name) => findAppliance(services, name));
}

/** Reads the newest lines of an appliance. Returns why it could not, or null. */
async function updateLog(
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

/** Reads the newest lines of appliances, and says which could not be read. */
export async function updateLogs(
  { output }: Globals,
  services: Services,
  entries: readonly ApplianceEntry[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    entries.map(async (entry) => {
      const why = await updateLog(services, entry, signal);
      if (why !== null)
        output.printError(`sallyport: ${entry.name}: ${why} Only the lines that were kept before are used.`);
    }),
  );
}
