import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import type { ConsoleClient } from '../../../rpc/client.tsx';
import { showLine, type ShownLine } from './shownLine.ts';

/** The lines next to a key, oldest first, whatever the query. */
export async function collectLines(
  client: ConsoleClient,
  options: { applianceIds: string[]; after: LineKey | null; direction: 'older' | 'newer'; limit: number },
  signal?: AbortSignal,
): Promise<ShownLine[]> {
  const { applianceIds, ...rest } = options;
  const search: KeptSearch = { query: { kind: 'all' }, applianceIds, from: null, to: null };
  const found: ShownLine[] = [];
  const batches = await client.logs.lines({ search, ...rest }, signal === undefined ? {} : { signal });
  for await (const { lines } of batches) found.push(...lines.map(showLine));
  return options.direction === 'older' ? found.toReversed() : found;
}
