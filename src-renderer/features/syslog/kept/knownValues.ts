import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { facilities } from '../../../../src-shared/model/syslog/syslogLine.ts';
import type { KnownValue, ValuesOf } from '../../../../src-shared/model/syslog/query/impliedTerms.ts';
import type { QueryTermName } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { readTokens } from '../../../../src-shared/model/syslog/query/queryTokens.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { usePorts } from '../../tenants/queries.ts';
import { collectLines } from './collectLines.ts';
import type { ShownLine } from './shownLine.ts';

/** Each value that occurs, with how often it does in these lines. */
function countValues(
  lines: readonly ShownLine[],
  valueOf: (shown: ShownLine) => string | null,
): KnownValue[] {
  const counts = new Map<string, number>();
  for (const shown of lines) {
    const value = valueOf(shown);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return Array.from(counts, ([value, count]) => ({ value, count }));
}

const uncounted = (values: Iterable<string>): KnownValue[] =>
  Array.from(new Set(values), (value) => ({ value, count: null }));

function hasPlainWord(text: string): boolean {
  return readTokens(text).tokens.some((token) => token.kind === 'text' && !token.isQuoted);
}

/** Lines whose values are suggested: the newest ones, whatever the query. */
const sampleSize = 1000;
const sampleAgeMs = 30 * secondMs;
const noLines: readonly ShownLine[] = [];

/** The values that a query can name: of the newest lines, of the known tenants and of the appliances. */
export function useKnownValues(options: {
  text: string;
  applianceIds: readonly string[];
  applianceNames: readonly string[];
}): ValuesOf {
  const { text, applianceNames } = options;
  const applianceIds = [...options.applianceIds];
  const { client } = useConsole();
  // A word without a field may be the name of a tenant.
  const needsTenants = /\b(?:tenant|port):/iu.test(text) || hasPlainWord(text);
  const rows = usePorts({ applianceId: null, enabled: needsTenants }).data?.rows;
  const sample = useQuery({
    queryKey: ['log-values', applianceIds],
    queryFn: ({ signal }) =>
      collectLines(client, { applianceIds, after: null, direction: 'older', limit: sampleSize }, signal),
    enabled: applianceIds.length > 0 && /\b(?:program|host|pid):/iu.test(text),
    staleTime: sampleAgeMs,
    gcTime: sampleAgeMs,
  });
  const lines = sample.data ?? noLines;
  return useMemo(
    () =>
      (field: QueryTermName): readonly KnownValue[] => {
        switch (field) {
          case 'program':
            return countValues(lines, ({ line }) => line.program);
          case 'host':
            return countValues(lines, ({ line }) => line.host);
          case 'pid':
            return countValues(lines, ({ line }) => (line.pid === null ? null : String(line.pid)));
          case 'appliance':
            return uncounted(applianceNames);
          case 'tenant':
            return uncounted((rows ?? []).map(({ clientId }) => clientId));
          case 'port':
            return uncounted((rows ?? []).flatMap(({ port }) => (port === null ? [] : [String(port)])));
          case 'facility':
            return uncounted(facilities.map(({ short }) => short));
          default:
            return [];
        }
      },
    [lines, applianceNames, rows],
  );
}
