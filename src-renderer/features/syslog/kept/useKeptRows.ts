import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { KeptGap, LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { buildRows, foldOf } from './keptRows.ts';
import type { WindowSnapshot } from './windowState.ts';
import { type KeptChoice, useKeptChoice } from './useKeptChoice.ts';

/** The rows of the list, which of them are chosen, and which are opened. */
export function useKeptRows(options: {
  snapshot: WindowSnapshot;
  gaps: readonly KeptGap[];
  lastLooked: LineKey | null;
  isFolding: boolean;
  onChoose: () => void;
}) {
  const { gaps, lastLooked, isFolding } = options;
  const { lines, hasOlder, hasNewer } = options.snapshot;
  const [openFolds, setOpenFolds] = useState<ReadonlySet<string>>(new Set());
  const [contextOf, setContextOf] = useState<string | null>(null);
  const rows = useMemo(
    () => buildRows({ lines, gaps, lastLooked, hasOlder, hasNewer, isFolding, openFolds, contextOf }),
    [lines, gaps, lastLooked, hasOlder, hasNewer, isFolding, openFolds, contextOf],
  );
  const choice = useKeptChoice(rows, options.onChoose);
  const toggleFold = useCallback(
    (id: string) =>
      setOpenFolds((open) => new Set(open.has(id) ? [...open].filter((one) => one !== id) : [...open, id])),
    [],
  );
  // A line that is gone to may be in closed repeats.
  const hidden = choice.head === null || choice.headRow !== null ? null : foldOf(rows, lines, choice.head);
  if (hidden !== null && !openFolds.has(hidden)) setOpenFolds(new Set([...openFolds, hidden]));
  return { rows, choice, toggleFold, contextOf, setContextOf };
}

/** The place that stays in sight when the search changes; null while the end is shown. */
export function useHeldPlace() {
  const place = useRef<LineKey | null>(null);
  const placeToKeep = useCallback(() => place.current, []);
  const holdPlace = useCallback((key: LineKey | null) => {
    place.current = key;
  }, []);
  return { placeToKeep, holdPlace };
}

/** Holds the chosen line, else the one at the top of the list. Returns what the list calls when it is scrolled. */
export function useShownPlace(
  { lines, isFollowing }: WindowSnapshot,
  { head, headRow }: KeptChoice,
  holdPlace: (key: LineKey | null) => void,
): (topId: string) => void {
  const top = useRef<string | null>(null);
  useEffect(() => {
    const id = headRow === null ? top.current : head;
    const at = lines.find((shown) => shown.id === id) ?? lines[Math.floor(lines.length / 2)];
    holdPlace(isFollowing || at === undefined ? null : at.kept.key);
  });
  return useCallback((topId: string) => {
    top.current = topId;
  }, []);
}
