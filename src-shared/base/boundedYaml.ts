import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Scalar,
  type Tags,
  type YAMLMap,
} from 'yaml';
import { escapeInvisibleCharacters } from './machineText.ts';

const maxDepth = 16;
const maxValues = 5000;
const maxProblems = 20;
/** A longer path does not fit into answers and error messages of commands **[ours]**. */
const maxPathLength = 512;

export type YamlPath = readonly (string | number)[];

/** A name in quotes if it would otherwise read like another path, e.g. `"db.host"`, or hide characters. */
function formatName(name: string): string {
  const quoted = escapeInvisibleCharacters(JSON.stringify(name));
  return /[.[\]]|^$/u.test(name) || quoted !== `"${name}"` ? quoted : name;
}

/** The path for people, e.g. `db.password` or `nodes[0].host`. Two different paths have different texts. */
export function formatYamlPath(path: YamlPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? formatName(part) : `${text}.${formatName(part)}`;
  }, '');
}

/** `path` is empty if the whole text is meant; `offset` is its place in the text. Never quotes a value. */
export type YamlProblem = { path: YamlPath; message: string; offset: number };

/**
 * A scalar and its place in the text. A number that JavaScript would write differently has its own text as `value`, so
 * that no digit is lost. `isText`: it is text in YAML.
 */
export type YamlValue = { path: YamlPath; value: unknown; isText: boolean; from: number; to: number };

/** A list or map without items, which is in no value. */
type EmptyYaml = { path: YamlPath; text: '[]' | '{}' };

export type BoundedYaml = {
  document: Document;
  values: YamlValue[];
  empty: EmptyYaml[];
  problems: YamlProblem[];
  /** Parts of the text are in none of `values`, e.g. beyond a bound or in an anchor. There is a problem for each. */
  isOpaque: boolean;
  /** The text is no YAML at all. */
  isBroken: boolean;
  /** The offset of the syntax error; null in valid YAML. */
  brokenAt: number | null;
};

const plainTag = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/u;

const anchorProblem = 'aliases and anchors are not allowed';

function valueOf(node: Scalar, text: string): unknown {
  const { value, source } = node;
  return typeof value === 'number' && String(value) !== source ? (source ?? text) : value;
}

/** What the bounds and rules forbid at one node. */
function findNodeProblems(node: unknown, depth: number): string[] {
  if (depth > maxDepth) return ['is nested too deep'];
  if (isAlias(node)) return [`is an alias; ${anchorProblem}`];
  if (!isNode(node)) return [];
  const problems: string[] = [];
  if ('anchor' in node && node.anchor !== undefined) problems.push(`has an anchor; ${anchorProblem}`);
  if (node.tag !== undefined && !plainTag.test(node.tag)) problems.push('has a tag that is not allowed');
  return problems;
}

/** Walks the document with bounds; the parser itself has neither a bound of depth nor a fast search for duplicates. */
function walk(
  document: Document,
  text: string,
): Pick<BoundedYaml, 'values' | 'empty' | 'problems' | 'isOpaque'> {
  const values: YamlValue[] = [];
  const empty: EmptyYaml[] = [];
  const problems: YamlProblem[] = [];
  let count = 0;
  let isOpaque = false;
  const report = (path: YamlPath, message: string, offset: number) => {
    if (problems.length < maxProblems) problems.push({ path, message, offset });
  };
  const reportOpaque: typeof report = (...problem) => {
    isOpaque = true;
    report(...problem);
  };
  const visitMap = (map: YAMLMap, path: YamlPath, keyOffset: number) => {
    const seen = new Set<string>();
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : null;
      const offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? keyOffset;
      if (name === null) reportOpaque(path, 'has a list, map or alias as a name', offset);
      else if (pair.value === null) reportOpaque(path, 'has a name without a value', offset);
      else if (formatYamlPath([...path, name]).length > maxPathLength) {
        reportOpaque(path, 'has a name that is too long', offset);
        continue;
      } else if (seen.has(name)) report([...path, name], 'is there twice', offset);
      seen.add(name ?? '');
      visit(pair.value, [...path, name ?? ''], offset);
    }
  };
  const visit = (node: unknown, path: YamlPath, keyOffset: number): void => {
    count += 1;
    if (count > maxValues) return;
    for (const problem of findNodeProblems(node, path.length))
      reportOpaque(path.slice(0, maxDepth), problem, keyOffset);
    if (path.length > maxDepth) return;
    if (isCollection(node) && node.items.length === 0) empty.push({ path, text: isMap(node) ? '{}' : '[]' });
    if (isMap(node)) visitMap(node, path, keyOffset);
    else if (isSeq(node))
      node.items.forEach((item, index) =>
        visit(item, [...path, index], (isNode(item) ? item.range?.[0] : undefined) ?? keyOffset),
      );
    else if (isScalar(node) && node.range != null) {
      const [from, to] = node.range;
      const isText = typeof node.value === 'string';
      values.push({ path, value: valueOf(node, text.slice(from, to)), isText, from, to });
    }
  };
  visit(document.contents, [], 0);
  // Not bounded by the number of problems that were found before.
  if (count > maxValues) problems.push({ path: [], message: `has more than ${maxValues} values`, offset: 0 });
  return { values, empty, problems, isOpaque: isOpaque || count > maxValues };
}

/** Far above `maxDepth`, so that brackets in texts and comments do not count. */
const maxOpened = 256;

/** Whether the parser would need long, or its whole stack, for levels that are refused anyway. */
function opensTooDeep(text: string): boolean {
  let opened = 0;
  for (const [sign] of text.matchAll(/[[\]{}]/gu)) {
    opened += sign === '[' || sign === '{' ? 1 : -1;
    if (opened > maxOpened) return true;
  }
  return /(?:[-?][ \t]+){256}/u.test(text);
}

const numberTags: ReadonlySet<string> = new Set(['tag:yaml.org,2002:int', 'tag:yaml.org,2002:float']);

/** Numbers are written as they were read, because JavaScript would lose digits of long ones and leading zeros. */
function keepNumbers(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || tag.collection !== undefined || !numberTags.has(tag.tag)) return tag;
    const { stringify } = tag;
    return { ...tag, stringify: (node, ...rest) => node.source ?? stringify?.(node, ...rest) ?? '' };
  });
}

function parse(text: string): Document | null {
  if (opensTooDeep(text)) return null;
  try {
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false, customTags: keepNumbers });
  } catch {
    return null;
  }
}

/** The line of an offset, from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function broken(message: string, brokenAt: number | null = null): BoundedYaml {
  const problem = { path: [], message, offset: brokenAt ?? 0 };
  const document = parseDocument('');
  return { document, values: [], empty: [], problems: [problem], isOpaque: true, isBroken: true, brokenAt };
}

/** Reads YAML with bounds of size, depth and number. Never throws. */
export function readBoundedYaml(text: string, maxBytes: number): BoundedYaml {
  if (text.length > maxBytes || new TextEncoder().encode(text).length > maxBytes)
    return broken(`is larger than ${maxBytes} bytes`);
  const document = parse(text);
  if (document === null) return broken('is nested too deep');
  const [error] = [...document.errors, ...document.warnings.filter(({ code }) => code === 'BAD_DIRECTIVE')];
  if (error !== undefined) return broken(`is not valid YAML (${error.code})`, error.pos[0]);
  return { document, ...walk(document, text), isBroken: false, brokenAt: null };
}

/** The offset of the name of the value at `path`, or of its nearest parent that is there. */
export function findYamlOffset(document: Document, path: YamlPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    if (isSeq(node)) {
      node = typeof part === 'number' ? node.items[part] : undefined;
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (pair === undefined) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else break;
  }
  return offset;
}
