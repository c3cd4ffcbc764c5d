import { diffLines, type DiffLine } from '../../../src-shared/base/lineDiff.ts';

/** A line of one text with its number. */
export type DiffSide = { number: number; text: string };
export type DiffRow =
  | { kind: 'gap'; count: number }
  | { kind: 'same' | 'changed'; before: DiffSide | null; after: DiffSide | null };

/** Equal lines that are shown around a change. */
const contextLines = 2;

const sideOf = (text: string, number: number | null): DiffSide | null =>
  number === null ? null : { number, text };

/** Removed lines beside the added ones that follow them, or above them. */
function pairLines(lines: readonly DiffLine[], isPaired: boolean): DiffRow[] {
  const rows: DiffRow[] = [];
  let removed: DiffRow[] = [];
  for (const { text, before, after } of lines) {
    const [old, next] = [sideOf(text, before), sideOf(text, after)];
    if (before !== null && after !== null) {
      removed = [];
      rows.push({ kind: 'same', before: old, after: next });
      continue;
    }
    const partner = isPaired && old === null ? removed.shift() : undefined;
    if (partner !== undefined && partner.kind !== 'gap') partner.after = next;
    else {
      const row: DiffRow = { kind: 'changed', before: old, after: next };
      rows.push(row);
      if (old !== null) removed.push(row);
    }
  }
  return rows;
}

/** The rows of a comparison by lines, with long equal parts cut. Empty if no line differs. */
export function createDiffRows(before: string, after: string, isPaired: boolean): DiffRow[] {
  const rows = pairLines(diffLines(before, after), isPaired);
  const shown = new Set<number>();
  rows.forEach(({ kind }, at) => {
    if (kind !== 'changed') return;
    for (let near = at - contextLines; near <= at + contextLines; near += 1) shown.add(near);
  });
  if (shown.size === 0) return [];
  const cut: DiffRow[] = [];
  let hidden = 0;
  for (const [at, row] of rows.entries()) {
    if (!shown.has(at)) {
      hidden += 1;
      continue;
    }
    if (hidden > 0) cut.push({ kind: 'gap', count: hidden });
    hidden = 0;
    cut.push(row);
  }
  return hidden > 0 ? [...cut, { kind: 'gap', count: hidden }] : cut;
}
