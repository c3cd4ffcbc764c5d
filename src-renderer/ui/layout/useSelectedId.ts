import { useState } from 'react';

/**
 * The selected one of `ids`; null if there are none. The first is selected until `move` selects another, which then stays
 * selected as long as it is there. `forget` selects the first again.
 */
export function useSelectedId(ids: readonly string[]) {
  const [moved, setMoved] = useState<string | null>(null);
  // Else an ID that comes back later would be selected again.
  if (moved !== null && !ids.includes(moved)) setMoved(null);
  const selected = moved !== null && ids.includes(moved) ? moved : (ids[0] ?? null);
  return {
    selected,
    /** Moves by `step` from the selected one. After the last comes the first. */
    move: (step: 1 | -1): void => {
      const index = selected === null ? -1 : ids.indexOf(selected);
      setMoved(ids.at((index + step) % ids.length) ?? null);
    },
    forget: (): void => setMoved(null),
  };
}
