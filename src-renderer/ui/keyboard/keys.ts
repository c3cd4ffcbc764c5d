import { type RefObject, useEffect, useRef } from 'react';

export const keyGroups = ['Everywhere', 'Go to', 'Table', 'Syslog'] as const;

/** A key of the page: what it does, and what the sheet of keys says of it. */
export type KeyBinding = {
  /** As `KeyboardEvent.key` names them. `g f`: one after the other. `Mod+K`, `Shift+F10`: together. */
  keys: readonly string[];
  group: (typeof keyGroups)[number];
  text: string;
  /** Whether the key counts now; the browser keeps one that doesn't. */
  isOn?: (event: KeyboardEvent) => boolean;
  run: (event: KeyboardEvent) => void;
};

type Bindings = readonly KeyBinding[];

const registered = new Set<RefObject<Bindings>>();

/** How long after the first of two keys the second one counts, milliseconds. */
const sequenceMs = 1500;
let begun = { key: '', until: 0 };

/** Whether typing belongs to a field or a dialog, not to the page. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.closest(
      'input:not([type="checkbox"]), textarea, select, [contenteditable], [role="dialog"], [role="menu"]',
    ) !== null
  );
}

/** The controls that these keys press. */
const pressedBy = new Map([
  ['Enter', 'button, a, summary'],
  [' ', 'button, summary, input'],
]);

/** Whether the key belongs to the control that has the focus, such as a checkbox in the head of a table. */
function isPressing({ key, target }: KeyboardEvent): boolean {
  const controls = pressedBy.get(key);
  return controls !== undefined && target instanceof HTMLElement && target.closest(controls) !== null;
}

function isInOverlay(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"]') !== null;
}

/** Signs are named without Shift: layouts differ in where `/` and `?` are. */
function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string | null {
  if (altKey) return null;
  if (ctrlKey || metaKey) return shiftKey ? null : `Mod+${key.toUpperCase()}`;
  return shiftKey && key.length > 1 ? `Shift+${key}` : key;
}

function dispatchKey(event: KeyboardEvent): void {
  const name = nameOf(event);
  if (name === null || event.defaultPrevented || isPressing(event)) return;
  if (name.startsWith('Mod+') ? isInOverlay(event.target) : isTyping(event.target)) return;
  const bindings = [...registered].flatMap(({ current }) => current);
  const find = (wanted: string) =>
    bindings.find(({ keys, isOn }) => keys.includes(wanted) && isOn?.(event) !== false);
  const binding = (event.timeStamp < begun.until ? find(`${begun.key} ${name}`) : undefined) ?? find(name);
  const isFirst =
    binding === undefined && bindings.some(({ keys }) => keys.some((key) => key.startsWith(`${name} `)));
  begun = { key: name, until: isFirst ? event.timeStamp + sequenceMs : 0 };
  if (binding === undefined) return;
  event.preventDefault();
  binding.run(event);
}

/** Has the page obey these keys while the component is drawn, but in fields, dialogs and menus. */
export function useKeys(bindings: Bindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    if (registered.size === 0) window.addEventListener('keydown', dispatchKey);
    registered.add(latest);
    return () => {
      registered.delete(latest);
      if (registered.size === 0) window.removeEventListener('keydown', dispatchKey);
    };
  }, []);
}

/** The keys that the page obeys now. Two tables on a page have the same ones: each is listed once. */
export function listKeys(): Bindings {
  const byText = new Map([...registered].flatMap(({ current }) => current.map((key) => [key.text, key])));
  return [...byText.values()];
}
