import { useMemo } from 'react';
import { facilities } from '../../../../src-shared/model/syslog/syslogLine.ts';
import type { KnownValue } from '../../../../src-shared/model/syslog/query/completeQuery.ts';
import type { QueryTermName } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { usePorts } from '../../tenants/queries.ts';
import type { ShownLine } from './shownLine.ts';

/** Each value that occurs, with how often it does in the lines that are loaded. */
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

/** The values that a query can name: of the loaded lines, of the known tenants and of the appliances. */
export function useKnownValues(options: {
  lines: readonly ShownLine[];
  applianceNames: readonly string[];
  /** Whether tenants and ports are needed. */
  needsTenants: boolean;
}): (field: QueryTermName) => readonly KnownValue[] {
  const { lines, applianceNames, needsTenants } = options;
  const rows = usePorts({ applianceId: null, enabled: needsTenants }).data?.rows;
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
