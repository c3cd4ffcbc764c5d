import type { WatchChange } from './watchLines.ts';

/** An object's fields. */
type Fields = Readonly<Record<string, unknown>>;
/** What is watched, as flat objects with names of their own, so that a change can name the fields that it sets. */
export type Parts = ReadonlyMap<string, Fields>;

const isEqual = (left: unknown, right: unknown): boolean =>
  left === right || JSON.stringify(left) === JSON.stringify(right);

/** Not what each object has, such as `toString`. */
const own = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined;

/** The fields of `next` that differ from `before`, and the names of those that `next` lacks. */
function compareFields(before: Fields, next: Fields) {
  const set = Object.entries(next).filter(
    ([name, value]) => value !== undefined && !isEqual(own(before, name), value),
  );
  const unset = Object.keys(before).filter(
    (name) => own(before, name) !== undefined && own(next, name) === undefined,
  );
  return { set: Object.fromEntries(set), unset };
}

/** What must change in `before` so that it equals `next`. Null if they are equal. */
export function findChange(before: Parts, next: Parts): WatchChange | null {
  const compared = [...next].map(([name, fields]) => ({
    name,
    isNew: !before.has(name),
    ...compareFields(before.get(name) ?? {}, fields),
  }));
  const set = compared.filter((part) => part.isNew || Object.keys(part.set).length > 0);
  const unset = compared.filter((part) => part.unset.length > 0);
  const gone = [...before.keys()].filter((name) => !next.has(name));
  if (set.length + unset.length + gone.length === 0) return null;
  return {
    set: Object.fromEntries(set.map((part) => [part.name, part.set])),
    unset: Object.fromEntries(unset.map((part) => [part.name, part.unset])),
    gone,
  };
}

/** `before` with a change. `findChange(before, next)` gives `next`, whatever the order of parts and fields is. */
export function applyChange(before: Parts, { set, unset, gone }: WatchChange): Map<string, Fields> {
  const parts = new Map(before);
  for (const name of gone) parts.delete(name);
  const [given, lost] = [new Map(Object.entries(set)), new Map(Object.entries(unset))];
  for (const name of new Set([...given.keys(), ...lost.keys()])) {
    const lostFields = new Set(lost.get(name));
    const kept = Object.entries(parts.get(name) ?? {}).filter(([field]) => !lostFields.has(field));
    parts.set(name, Object.fromEntries([...kept, ...Object.entries(given.get(name) ?? {})]));
  }
  return parts;
}
