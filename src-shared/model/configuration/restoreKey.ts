import { formatYamlPath, type YamlPath, type YamlValue } from '../../base/boundedYaml.ts';
import { compareConfigurations } from './configurationChanges.ts';
import { readConfiguration } from './configurationYaml.ts';

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

const valuesBelow = (text: string, prefix: string) =>
  readConfiguration(text).values.filter(
    ({ path }) => prefix === '' || formatYamlPath(path).startsWith(`${prefix}.`),
  );

const valueAt = (text: string, name: string) =>
  readConfiguration(text).values.find(({ path }) => formatYamlPath(path) === name);

/** The end of the last line of a value. A block ends with its own line break. */
const endOf = (text: string, { from, to }: YamlValue) => lineEnd(text, Math.max(from, to - 1));

/** The text without the value, and without the maps that have no other value. */
function withoutKey(text: string, value: YamlValue): string {
  const emptied = value.path
    .map((_part, at) => formatYamlPath(value.path.slice(0, at)))
    .filter((map) => map !== '' && valuesBelow(text, map).length === 1).length;
  let from = lineStart(text, value.from);
  // The names of emptied maps stand in the lines above.
  for (let level = 0; level < emptied; level += 1) from = lineStart(text, from - 1);
  return `${text.slice(0, from)}${text.slice(endOf(text, value))}`;
}

/** The lines of the value with the keys of its maps that the text lacks, below the last value of the nearest map. */
function withKey(text: string, source: string, value: YamlValue): string {
  const prefixes = value.path.map((_part, at) => formatYamlPath(value.path.slice(0, at)));
  const present = prefixes.filter((prefix) => prefix === '' || valuesBelow(text, prefix).length > 0).length;
  const last = valuesBelow(text, prefixes[present - 1] ?? '').at(-1);
  const missing = value.path
    .slice(present - 1, -1)
    .map((part, at) => `${'  '.repeat(present - 1 + at)}${part}:\n`);
  const own = source.slice(lineStart(source, value.from), endOf(source, value));
  const at = last === undefined ? text.length : endOf(text, last);
  const before = text.slice(0, at);
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  return `${before}${gap}${missing.join('')}${own.endsWith('\n') ? own : `${own}\n`}${text.slice(at)}`;
}

/** How many items the list at `list` has. */
const countItems = (text: string, list: YamlPath) =>
  new Set(
    readConfiguration(text)
      .values.filter(({ path }) => list.every((part, at) => path[at] === part))
      .map(({ path }) => path[list.length]),
  ).size;

/** Whether the value is in a list with another number of items in the source, so that its place means another item. */
const isInMovedList = (text: string, source: string, path: YamlPath) =>
  path.some(
    (part, at) =>
      typeof part === 'number' &&
      countItems(text, path.slice(0, at)) !== countItems(source, path.slice(0, at)),
  );

function change(text: string, source: string, name: string): string | null {
  const [wanted, own] = [valueAt(source, name), valueAt(text, name)];
  const path = (wanted ?? own)?.path;
  if (path !== undefined && isInMovedList(text, source, path)) return null;
  if (wanted === undefined) return own === undefined ? null : withoutKey(text, own);
  if (own === undefined) return withKey(text, source, wanted);
  const written = source.slice(wanted.from, wanted.to);
  const space = own.from === own.to && !/\s/u.test(text.charAt(own.from - 1)) ? ' ' : '';
  return `${text.slice(0, own.from)}${space}${written}${text.slice(own.to)}`;
}

/**
 * The text with one key as in `source`: its value, or without it. Null if this can’t be done without another change,
 * e.g. in a map that is written in one line.
 */
export function restoreKey(text: string, source: string, path: string): string | null {
  const restored = change(text, source, path);
  if (restored === null || readConfiguration(restored).isBroken) return null;
  const isOnlyKey = compareConfigurations(text, restored).every((changed) => changed.path === path);
  const isRestored = compareConfigurations(source, restored).every((left) => left.path !== path);
  return isOnlyKey && isRestored ? restored : null;
}
