import { type KeyBinding, useKeys } from '../keyboard/keys.ts';

type TableKeys = {
  count: number;
  selectedIndex: number;
  /**
   * Whether the focus is in the table, or on the page’s heading after a navigation. Otherwise scrolling keys
   * scroll the page.
   */
  hasFocus: () => boolean;
  onMove: (index: number) => void;
  /** The action of Enter, or null if Enter has no action. */
  open: { text: string; run: () => void } | null;
  onLeave: () => void;
  onCopy: () => void;
  onMenu: () => void;
  /** Null if the table has no checkboxes. */
  onTick: (() => void) | null;
};

/** The keys of a table. Letters work anywhere on the page; arrows, Home, End and Space only in the table. */
export function useTableKeys(table: TableKeys): void {
  const { count, selectedIndex, hasFocus, open, onTick } = table;
  const hasChoice = (): boolean => selectedIndex !== -1;
  const bind = (
    keys: readonly string[],
    text: string,
    run: () => void,
    isOn: NonNullable<KeyBinding['isOn']> = hasChoice,
  ): KeyBinding => ({ keys, group: 'Table', text, run, isOn });
  const move = (text: string, letter: string | null, key: string, index: number): KeyBinding =>
    bind(
      letter === null ? [key] : [letter, key],
      text,
      () => table.onMove(Math.min(Math.max(index, 0), count - 1)),
      (event) => count > 0 && (event.key === letter || hasFocus()),
    );
  useKeys([
    move('Next row', 'j', 'ArrowDown', selectedIndex + 1),
    move('Previous row', 'k', 'ArrowUp', selectedIndex - 1),
    move('First row', null, 'Home', 0),
    move('Last row', null, 'End', count - 1),
    ...(open === null ? [] : [bind(['Enter'], open.text, open.run)]),
    ...(onTick === null
      ? []
      : [
          bind(
            ['x', ' '],
            'Select the row for a bulk action',
            onTick,
            ({ key }) => hasChoice() && (key === 'x' || hasFocus()),
          ),
        ]),
    bind(['c'], 'Copy the row’s main value', table.onCopy),
    bind(['Shift+F10', 'ContextMenu'], 'Open the row’s menu', table.onMenu),
    bind(['Escape'], 'Leave the row', table.onLeave),
  ]);
}
