import type { LogFacets } from '../../../../src-shared/contract/logs.ts';
import { severities } from '../../../../src-shared/model/syslog/syslogLine.ts';
import { eachBit, type Bitmap } from '../query/bitmap.ts';
import type { BlockView } from '../query/blockView.ts';

/** Values of a field that are counted apart; hits of further ones are counted together **[ours]**. */
export const maxFacetValues = 10_000;
/** Values of a field in a report: the most frequent ones. */
const maxReported = 200;

const nameFields = ['program', 'host', 'appliance'] as const;
type NameField = (typeof nameFields)[number];
/** The hits of some units. A line without a value counts for no value of the field. */
export type UnitFacets = { severity: number[]; names: Record<NameField, Map<string, number>> };

export function noFacets(): UnitFacets {
  return {
    severity: Array.from({ length: severities.length + 1 }, () => 0),
    names: { program: new Map(), host: new Map(), appliance: new Map() },
  };
}

const addTo = (counts: Map<string, number>, value: string, count: number): void =>
  void counts.set(value, (counts.get(value) ?? 0) + count);

/** Counts by the numbers of a block's names, which is quicker than by names. */
function addNames(
  counts: Map<string, number>,
  names: readonly string[],
  numbers: Uint16Array,
  found: Bitmap,
): void {
  const byNumber = new Uint32Array(names.length + 1);
  eachBit(found, (line) => {
    const number = numbers[line] ?? 0;
    byNumber[number] = (byNumber[number] ?? 0) + 1;
  });
  for (const [at, name] of names.entries()) {
    const count = byNumber[at + 1] ?? 0;
    if (count > 0) addTo(counts, name, count);
  }
}

export function addFacets({ severity, names }: UnitFacets, view: BlockView, found: Bitmap): void {
  const { columns, appliance } = view;
  let hits = 0;
  eachBit(found, (line) => {
    const at = columns.severity[line] ?? severities.length;
    severity[at] = (severity[at] ?? 0) + 1;
    hits += 1;
  });
  if (hits === 0) return;
  addNames(names.program, columns.programs, columns.program, found);
  addNames(names.host, columns.hosts, columns.host, found);
  addTo(names.appliance, appliance, hits);
}

/** Sums the facets of units in bounded memory. */
export function createFacetSum() {
  const sum = noFacets();
  const others: Record<NameField, number> = { program: 0, host: 0, appliance: 0 };

  function reportNames(field: NameField) {
    const counts = sum.names[field];
    const values = Array.from(counts, ([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value))
      .slice(0, maxReported);
    const all = [...counts.values()].reduce((total, count) => total + count, others[field]);
    const shown = values.reduce((total, { count }) => total + count, 0);
    return { values, others: all - shown };
  }
  return {
    add: ({ severity, names }: UnitFacets): void => {
      for (const [at, count] of severity.entries()) sum.severity[at] = (sum.severity[at] ?? 0) + count;
      for (const field of nameFields)
        for (const [value, count] of names[field]) {
          const counts = sum.names[field];
          if (counts.has(value) || counts.size < maxFacetValues) addTo(counts, value, count);
          else others[field] += count;
        }
    },
    report: (): LogFacets => ({
      severity: [...sum.severity],
      program: reportNames('program'),
      host: reportNames('host'),
      appliance: reportNames('appliance'),
    }),
  };
}
