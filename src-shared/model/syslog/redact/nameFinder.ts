import { foldCase } from '../query/logQuery.ts';
import type { HiddenPart } from './redactionRules.ts';

const runPattern = /[\p{L}\p{N}]+/gu;
const isInName = (character: string) => /[\p{L}\p{N}]/u.test(character);

/** Shorter names would hide parts of the text that have nothing to do with them. */
const minNameLength = 2;
export const maxNames = 20_000;

/**
 * Finds names wherever no letter or digit stands beside them, in upper or lower case, also inside longer names such as
 * `northwind-nas`. Takes time in step with the text, however many names there are.
 */
export function createNameFinder(names: readonly string[]): (text: string) => HiddenPart[] {
  const byStart = new Map<string, string[]>();
  for (const name of names.slice(0, maxNames).map(foldCase)) {
    const [start] = name.match(runPattern) ?? [];
    if (start === undefined || name.length < minNameLength || !name.startsWith(start)) continue;
    byStart.set(start, [...(byStart.get(start) ?? []), name]);
  }
  for (const list of byStart.values()) list.sort((a, b) => b.length - a.length);
  return (text) => {
    if (byStart.size === 0) return [];
    const folded = foldCase(text);
    const found: HiddenPart[] = [];
    let last = 0;
    for (const { 0: run, index } of folded.matchAll(runPattern)) {
      if (index < last) continue;
      const name = byStart
        .get(run)
        ?.find((one) => folded.startsWith(one, index) && !isInName(folded.charAt(index + one.length)));
      if (name === undefined) continue;
      last = index + name.length;
      found.push({ from: index, to: last });
    }
    return found;
  };
}
