import { z } from 'zod';
import { diffLines } from '../../base/lineDiff.ts';

/**
 * How the output of an appliance compares with that of most. `lines`: how many lines differ. `only`: no other one printed
 * anything. `reference`: all are different, and the others are compared with this one.
 */
export const outputComparisonSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('only') }),
  z.object({ kind: z.literal('reference') }),
  z.object({ kind: z.literal('same') }),
  z.object({ kind: z.literal('differs'), lines: z.int().positive() }),
]);
export type OutputComparison = z.infer<typeof outputComparisonSchema>;

/** The comparison in words: `same as most`, `differs, 3 lines`. */
export function describeComparison(comparison: OutputComparison): string {
  switch (comparison.kind) {
    case 'none':
      return 'none';
    case 'only':
      return 'the only one';
    case 'reference':
      return 'all differ';
    case 'same':
      return 'same as most';
    case 'differs':
      return `differs, ${comparison.lines} ${comparison.lines === 1 ? 'line' : 'lines'}`;
  }
}

type WithOutput = { id: string; output: string };

/** Groups of equal outputs, the largest first; of two equally large ones the one that comes first. */
function groupOutputs(results: readonly WithOutput[]): { output: string; ids: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { id, output } of results) {
    const ids = groups.get(output);
    if (ids === undefined) groups.set(output, [id]);
    else ids.push(id);
  }
  return [...groups]
    .map(([output, ids]) => ({ output, ids }))
    .toSorted((a, b) => b.ids.length - a.ids.length);
}

/** How many lines are different: a line in place of another one counts once. */
function countDifferentLines(before: string, after: string): number {
  const lines = diffLines(before, after);
  const removed = lines.filter((line) => line.after === null).length;
  const added = lines.filter((line) => line.before === null).length;
  // Outputs that differ only in their line breaks have no different line.
  return Math.max(removed, added, 1);
}

/**
 * Compares outputs with that of most. Results without output are in no group. It remembers what it counted, because it is
 * asked again after each result of a run.
 */
export function createOutputComparison() {
  let known = { most: '', counts: new Map<string, number>() };
  return (results: readonly { id: string; output: string | null }[]) => {
    const printed = results.flatMap(({ id, output }) => (output === null ? [] : [{ id, output }]));
    const [most] = groupOutputs(printed);
    if (most !== undefined && known.most !== most.output) known = { most: most.output, counts: new Map() };
    const countLines = (output: string): number => {
      const count = known.counts.get(output) ?? countDifferentLines(known.most, output);
      known.counts.set(output, count);
      return count;
    };
    const comparisonOf = (output: string | null): OutputComparison => {
      if (output === null || most === undefined) return { kind: 'none' };
      if (output !== most.output) return { kind: 'differs', lines: countLines(output) };
      if (most.ids.length > 1) return { kind: 'same' };
      return { kind: printed.length === 1 ? 'only' : 'reference' };
    };
    return {
      most: most ?? null,
      byId: new Map(results.map(({ id, output }) => [id, comparisonOf(output)])),
    };
  };
}
