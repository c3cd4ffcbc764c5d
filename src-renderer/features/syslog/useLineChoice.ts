import { useCallback, useState } from 'react';
import { rawLine } from '../../../src-shared/model/syslog/syslogLine.ts';
import { type KeyBinding, useKeys } from '../../ui/keyboard/keys.ts';
import { copyMachineText } from '../../ui/text/copy.ts';
import type { LogBuffer, LogRow } from './buffer.ts';

/** Keys of the chosen rows: `from` to `to`, with `head` as the end that moves. */
type Range = { anchor: number; head: number; from: number; to: number };

function rangeBetween(anchor: number, head: number): Range {
  return { anchor, head, from: Math.min(anchor, head), to: Math.max(anchor, head) };
}

function textOf(row: LogRow): string {
  return row.kind === 'gap' ? `[${row.text}]` : rawLine(row.line);
}

/** The chosen lines, to be copied as the appliance wrote them. Choosing pauses the log, so that the lines stay in place. */
export function useLineChoice(buffer: LogBuffer) {
  const [range, setRange] = useState<Range | null>(null);
  const choose = useCallback(
    (key: number, isExtending: boolean) => {
      buffer.pause();
      setRange((current) => rangeBetween(isExtending ? (current?.anchor ?? key) : key, key));
    },
    [buffer],
  );
  const chosenRows = () =>
    range === null ? [] : buffer.snapshot().rows.filter(({ key }) => key >= range.from && key <= range.to);
  const chosen = chosenRows();
  const [single] = chosen.length === 1 ? chosen : [];
  const move = (step: number | 'first' | 'last', isExtending: boolean): void => {
    const { rows } = buffer.snapshot();
    const end = rows.length - 1;
    const index = range === null ? -1 : rows.findIndex(({ key }) => key === range.head);
    const moved = typeof step === 'number' ? (index === -1 ? end : index + step) : step === 'first' ? 0 : end;
    const row = rows[Math.min(Math.max(moved, 0), end)];
    if (row !== undefined) choose(row.key, isExtending);
  };
  const clear = useCallback(() => setRange(null), []);
  const copy = (): void => {
    const rows = chosenRows();
    copyMachineText(
      rows.map(textOf).join('\n'),
      rows.length === 1 ? 'Line copied' : `${rows.length} lines copied`,
    );
  };
  return {
    range,
    count: chosen.length,
    /** The chosen line, if it is the only one. */
    line: single?.kind === 'line' ? single.line : null,
    choose,
    move,
    clear,
    copy,
  };
}
export type LineChoice = ReturnType<typeof useLineChoice>;

function isInLog(): boolean {
  return document.activeElement?.closest('[data-log]') != null;
}

function isOnControl({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest('button, a, input, textarea, select') !== null;
}

function isElsewhere(event: KeyboardEvent): boolean {
  return !isOnControl(event);
}

function binding(
  keys: readonly string[],
  text: string,
  run: () => void,
  isOn: (event: KeyboardEvent) => boolean,
): KeyBinding {
  return { keys, group: 'Syslog', text, run, isOn };
}

/** The keys of the page. Keys that choose lines work while the log has the focus; the others work outside of fields. */
export function useLogKeys({
  buffer,
  choice,
  toggleWrap,
}: {
  buffer: LogBuffer;
  choice: LineChoice;
  toggleWrap: () => void;
}): void {
  useKeys([
    binding(
      [' '],
      'Pause or follow',
      () => (buffer.snapshot().following ? buffer.pause() : buffer.follow()),
      isElsewhere,
    ),
    binding(['End'], 'Follow the newest line', buffer.follow, isElsewhere),
    binding(['w'], 'Wrap long lines or cut them', toggleWrap, isElsewhere),
    binding(['ArrowUp'], 'Select the line above', () => choice.move(-1, false), isInLog),
    binding(['ArrowDown'], 'Select the line below', () => choice.move(1, false), isInLog),
    binding(['Home'], 'Select the oldest line', () => choice.move('first', false), isInLog),
    binding(['Shift+ArrowUp'], 'Extend the selection up', () => choice.move(-1, true), isInLog),
    binding(['Shift+ArrowDown'], 'Extend the selection down', () => choice.move(1, true), isInLog),
    binding(
      ['Shift+Home'],
      'Extend the selection to the oldest line',
      () => choice.move('first', true),
      isInLog,
    ),
    binding(
      ['Shift+End'],
      'Extend the selection to the newest line',
      () => choice.move('last', true),
      isInLog,
    ),
    binding(
      ['Mod+C'],
      'Copy the selected lines as the appliance wrote them',
      choice.copy,
      (event) => choice.count > 0 && !isOnControl(event) && getSelection()?.isCollapsed !== false,
    ),
    binding(['Escape'], 'Clear the selection', choice.clear, () => choice.count > 0),
  ]);
}
