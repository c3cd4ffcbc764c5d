import { z } from 'zod';
import { defaultQuota, portCount } from './ports.ts';

/** A part of a cell of 20 ports: which shares are allotted and listening, from 0 to 1, and whether a tunnel of it is bad. */
const capacityCellSchema = z.object({ allotted: z.number(), listening: z.number(), bad: z.boolean() });
export type CapacityCell = z.infer<typeof capacityCellSchema>;

export const capacityCellCount = portCount / defaultQuota;

/** The port range in cells. Equal neighbours are one run, because most cells of most appliances are equal. */
export const capacityRunsSchema = z.array(
  capacityCellSchema.extend({ cells: z.int().positive().max(capacityCellCount) }),
);
export type CapacityRuns = z.infer<typeof capacityRunsSchema>;

export function joinCells(cells: readonly CapacityCell[]): CapacityRuns {
  const runs: CapacityRuns = [];
  for (const { allotted, listening, bad } of cells) {
    const last = runs.at(-1);
    if (last?.allotted === allotted && last.listening === listening && last.bad === bad) last.cells += 1;
    else runs.push({ cells: 1, allotted, listening, bad });
  }
  return runs;
}

export const splitRuns = (runs: CapacityRuns): CapacityCell[] =>
  runs.flatMap(({ cells, ...cell }) => Array.from({ length: cells }, () => cell));
