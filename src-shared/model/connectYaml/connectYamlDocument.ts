import { isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Node } from 'yaml';
import type { ConnectYamlFix, TextEdit } from './connectYamlFinding.ts';

/** A value and its position in the text. `text` is null if the value is not text. */
export type YamlValue = {
  kind: 'text' | 'empty' | 'other-scalar' | 'map' | 'list';
  text: string | null;
  from: number;
  to: number;
  entries: YamlEntry[];
};
/** `isWord` is false if a list or map is used as a name. `from` and `to` then cover only a part of it. */
export type YamlEntry = { name: string; isWord: boolean; from: number; to: number; value: YamlValue };
export type YamlFault = { code: string; message: string; from: number; to: number };

const maxTag = 200;

function sourceOf(node: unknown, text: string): { from: number; to: number; source: string } {
  const range = isNodeWithRange(node) ? node.range : null;
  const begins = range?.[0] ?? 0;
  const to = range?.[1] ?? begins;
  // A YAML tag is in front of the node's own range. Include it, so that it is removed when the value is
  // replaced.
  const isTagged = isScalar(node) && node.tag !== undefined;
  const tag = isTagged ? /!\S*\s*$/u.exec(text.slice(Math.max(0, begins - maxTag), begins)) : null;
  const from = begins - (tag?.[0].length ?? 0);
  return { from, to, source: text.slice(from, to) };
}

function isNodeWithRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

/**
 * Returns a key's name as written, because a repository may be called 007. Empty if the key is a list or map.
 */
function nameOf(key: unknown, text: string): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : sourceOf(key, text).source;
}

function valueOf(node: unknown, text: string, levels: number): YamlValue {
  const { from, to, source } = sourceOf(node, text);
  const base = { text: null, from, to, entries: [] };
  if (isMap(node)) {
    const entries =
      levels === 0
        ? []
        : node.items.map((pair): YamlEntry => {
            const key = sourceOf(pair.key, text);
            const value = valueOf(pair.value, text, levels - 1);
            const placed = pair.value === null ? { ...value, from: key.to, to: key.to } : value;
            const name = nameOf(pair.key, text);
            return { name, isWord: isScalar(pair.key), from: key.from, to: key.to, value: placed };
          });
    return { ...base, kind: 'map', entries };
  }
  if (isSeq(node)) return { ...base, kind: 'list' };
  if (!isScalar(node)) return { ...base, kind: 'empty' };
  if (typeof node.value === 'string') return { ...base, kind: 'text', text: node.value };
  return source.trim() === '' || node.value === null
    ? { ...base, kind: 'empty' }
    : { ...base, kind: 'other-scalar' };
}

/**
 * Parses the text as YAML, at most three levels deep, with all positions. May throw if the text is nested too
 * deep.
 */
export function readYaml(text: string): { root: YamlValue; faults: YamlFault[]; aliases: YamlFault[] } {
  // Turn off the parser's search for duplicate keys, because it compares each key with all others. The linter
  // finds them.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const faults = document.errors.map((error) => ({
    code: error.code,
    message: error.message,
    from: error.pos[0],
    to: error.pos[1],
  }));
  const aliases: YamlFault[] = [];
  visit(document, {
    Alias: (_key, alias: Node) => {
      const { from, to } = sourceOf(alias, text);
      if (isAlias(alias)) aliases.push({ code: 'ALIAS', message: '', from, to });
      return aliases.length > 20 ? visit.BREAK : undefined;
    },
  });
  return { root: valueOf(document.contents, text, 3), faults, aliases };
}

const plainSafe = /^[A-Za-z0-9/.][A-Za-z0-9/._+:@%=?&~-]*$/u;
const isReadAsOther = /^(?:true|false|null|[-+.\d][\d._eExXoO+-]*)$/iu;

/** `value` as YAML: without quotes if that is unambiguous, otherwise in double quotes. */
export function formatYamlScalar(value: string): string {
  return plainSafe.test(value) && !value.endsWith(':') && !isReadAsOther.test(value)
    ? value
    : JSON.stringify(value).replace(
        /[\u007f-\u009f\u2028\u2029\ufeff]/gu,
        (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
      );
}

/** Replaces a value and keeps its kind of quotes. */
export function replaceValue(text: string, place: { from: number; to: number }, value: string): TextEdit {
  const { from, to } = place;
  const source = text.slice(from, to);
  const quote = source[0];
  if (quote === "'" && !/[\n\r]/u.test(value)) return { from, to, text: `'${value.replaceAll("'", "''")}'` };
  if (quote === '"') return { from, to, text: JSON.stringify(value) };
  // The range of a block scalar includes its last line break.
  const ending = (quote === '|' || quote === '>') && source.endsWith('\n') ? '\n' : '';
  return { from, to, text: `${formatYamlScalar(value)}${ending}` };
}

function lineStartOf(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Deletes the lines of an entry. Null if these lines also contain something else. */
export function removeEntry(text: string, entry: YamlEntry): TextEdit | null {
  const from = lineStartOf(text, entry.from);
  if (!/^ *$/u.test(text.slice(from, entry.from))) return null;
  const source = text.slice(entry.value.from, entry.value.to);
  if (source.endsWith('\n')) return { from, to: entry.value.to, text: '' };
  const lineEnd = text.indexOf('\n', entry.value.to);
  const to = lineEnd === -1 ? text.length : lineEnd + 1;
  return /^[ \r]*\n?$/u.test(text.slice(entry.value.to, to)) ? { from, to, text: '' } : null;
}

/** Inserts a line before the first top-level key; null if that key does not start its line. */
export function insertLine(text: string, root: YamlValue, line: string): TextEdit | null {
  const first = root.entries[0];
  if (first === undefined || '{"'.includes(text[root.from] ?? '{')) return null;
  const from = lineStartOf(text, first.from);
  const indentation = text.slice(from, first.from);
  return /^ *$/u.test(indentation) ? { from, to: from, text: `${indentation}${line}\n` } : null;
}

export function createSingleFix(title: string, edit: TextEdit | null, isSafe = true): ConnectYamlFix[] {
  return edit === null ? [] : [{ title, edits: [edit], isSafe }];
}
