import { type KeyBinding, useKeys } from '../../../ui/keyboard/keys.ts';
import { copyMachineText } from '../../../ui/text/copy.ts';
import type { KeptChoice } from './useKeptChoice.ts';

const isInLog = (): boolean => document.activeElement?.closest('[data-log]') != null;
const isElsewhere = ({ target }: KeyboardEvent): boolean =>
  !(
    target instanceof HTMLElement &&
    target.closest('button, a, input, textarea, select, [role="slider"]') !== null
  );

function binding(
  keys: readonly string[],
  text: string,
  run: () => void,
  isOn: KeyBinding['isOn'] = isElsewhere,
): KeyBinding {
  return { keys, group: 'Syslog', text, run, isOn };
}

/** Copies the chosen lines as the appliance wrote them. */
export function copyChosen({ lines }: KeptChoice): void {
  if (lines.length === 0) return;
  copyMachineText(
    lines.map(({ kept }) => kept.text).join('\n'),
    lines.length === 1 ? 'Line copied' : `${lines.length} lines copied`,
  );
}

/** The keys of the search. Keys that choose lines work while the list has the focus; the others work outside of fields. */
export function useKeptKeys(options: {
  choice: KeptChoice;
  isFollowing: boolean;
  follow: () => void;
  pause: () => void;
  findError: (direction: 'older' | 'newer') => void;
  open: () => void;
  bookmark: () => void;
  toggleWrap: () => void;
  toggleFolding: () => void;
  toggleFacets: () => void;
  showHelp: () => void;
}): void {
  const { choice } = options;
  useKeys([
    binding([' '], 'Pause or follow', options.isFollowing ? options.pause : options.follow),
    binding(['End'], 'Follow the newest line', options.follow),
    binding(['n'], 'Next error', () => options.findError('newer')),
    binding(['p'], 'Previous error', () => options.findError('older')),
    binding(['w'], 'Wrap long lines or cut them', options.toggleWrap),
    binding(['f'], 'Count lines by value, or hide the counts', options.toggleFacets),
    binding(['r'], 'Fold repeated lines or show each', options.toggleFolding),
    binding(
      ['b'],
      'Bookmark the line',
      options.bookmark,
      (event) => isElsewhere(event) && choice.shown !== null,
    ),
    binding(['F1'], 'Show the query help', options.showHelp, () => true),
    binding(['Enter'], 'Show the context of the line, or open repeats', options.open, isInLog),
    binding(['ArrowUp', 'k'], 'Select the line above', () => choice.move(-1, false), isInLog),
    binding(['ArrowDown', 'j'], 'Select the line below', () => choice.move(1, false), isInLog),
    binding(['Home'], 'Select the oldest line that is loaded', () => choice.move('first', false), isInLog),
    binding(['Shift+ArrowUp'], 'Extend the selection up', () => choice.move(-1, true), isInLog),
    binding(['Shift+ArrowDown'], 'Extend the selection down', () => choice.move(1, true), isInLog),
    binding(
      ['Mod+C'],
      'Copy the selected lines as the appliance wrote them',
      () => copyChosen(choice),
      (event) => choice.lines.length > 0 && isElsewhere(event) && getSelection()?.isCollapsed !== false,
    ),
    binding(['Escape'], 'Clear the selection', choice.clear, () => choice.head !== null),
  ]);
}
