import { useCallback, useMemo, useState } from 'react';
import type { KeptRow } from './keptRows.ts';
import type { ShownLine } from './shownLine.ts';

type Choice = { anchor: string; head: string };

/** The lines of a row: of a closed fold, its first and last one stand for all, so that none is chosen. */
const lineOf = (row: KeptRow): ShownLine | null => (row.kind === 'line' ? row.shown : null);

/** The chosen rows, by their lasting ids, so that they stay chosen when lines are loaded around them. */
export function useKeptChoice(rows: readonly KeptRow[], onChoose: () => void) {
  const [choice, setChoice] = useState<Choice | null>(null);
  const indexes = useMemo(() => new Map(rows.map(({ id }, index) => [id, index])), [rows]);
  const indexOf = (id: string | undefined) => (id === undefined ? -1 : (indexes.get(id) ?? -1));
  const ends = [indexOf(choice?.anchor), indexOf(choice?.head)].filter((index) => index !== -1);
  const [from, to] = ends.length === 0 ? [-1, -1] : [Math.min(...ends), Math.max(...ends)];
  const choose = useCallback(
    (id: string, isExtending = false) => {
      onChoose();
      setChoice((current) => ({ anchor: isExtending ? (current?.anchor ?? id) : id, head: id }));
    },
    [onChoose],
  );
  const move = (step: number | 'first' | 'last', isExtending: boolean): void => {
    const at = indexOf(choice?.head);
    const end = rows.length - 1;
    const wanted = step === 'first' ? 0 : step === 'last' ? end : at === -1 ? end : at + step;
    const row = rows[Math.min(end, Math.max(0, wanted))];
    if (row !== undefined) choose(row.id, isExtending);
  };
  const clear = useCallback(() => setChoice(null), []);
  const chosen = from === -1 ? [] : rows.slice(from, to + 1);
  const head = rows[indexOf(choice?.head)] ?? null;
  return {
    head: choice?.head ?? null,
    headRow: head,
    /** The chosen line, if it is the only one. */
    shown: chosen.length === 1 && head !== null ? lineOf(head) : null,
    /** The chosen gap, if it is the only row. */
    gap: chosen.length === 1 && head?.kind === 'gap' ? head.gap : null,
    lines: chosen.flatMap((row) => lineOf(row) ?? []),
    isChosen: (index: number) => from !== -1 && index >= from && index <= to,
    choose,
    move,
    clear,
  };
}
export type KeptChoice = ReturnType<typeof useKeptChoice>;
