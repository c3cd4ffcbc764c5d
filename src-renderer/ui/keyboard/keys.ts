import { type RefObject, useEffect, useRef } from 'react';

export const keyGroups = ['Everywhere', 'Go to', 'Table', 'Syslog'] as const;

/** A key of the page, its action, and its description in the list of keys. */
export type KeyBinding = {
  /**
   * In the notation of `KeyboardEvent.key`. `g f`: one after the other. `Mod+K`, `Shift+F10`: together.
   */
  keys: readonly string[];
  group: (typeof keyGroups)[number];
  text: string;
  /** Whether the page handles the key now. Otherwise the browser handles it. */
  isOn?: (event: KeyboardEvent) => boolean;
  run: (event: KeyboardEvent) => void;
};

type Bindings = readonly KeyBinding[];

const registered = new Set<RefObject<Bindings>>();

/** Maximum time between the two keys of a sequence, milliseconds. */
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

/**
 * Formats the key in the notation of `KeyBinding`. Leaves out Shift for symbols, because some layouts need it
 * for / or ?.
 */
function formatKey({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string | null {
  if (altKey) return null;
  if (ctrlKey || metaKey) return shiftKey ? null : `Mod+${key.toUpperCase()}`;
  return shiftKey && key.length > 1 ? `Shift+${key}` : key;
}

function dispatchKey(event: KeyboardEvent): void {
  const name = formatKey(event);
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

/** Registers keys while the component is mounted. They don't work in fields, dialogs and menus. */
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

/** Returns the registered keys. If two tables register the same keys, each is listed once. */
export function listKeys(): Bindings {
  const byText = new Map([...registered].flatMap(({ current }) => current.map((key) => [key.text, key])));
  return [...byText.values()];
}
