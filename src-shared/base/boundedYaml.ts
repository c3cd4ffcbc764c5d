import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type Document } from 'yaml';

const maxDepth = 16;
const maxValues = 5000;
const maxProblems = 20;

export type YamlPath = readonly (string | number)[];

/** The path for people, e.g. `db.password` or `nodes[0].host`. */
export function formatYamlPath(path: YamlPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** `path` is empty if the whole text is meant; `offset` is its place in the text. Never quotes a value. */
export type YamlProblem = { path: YamlPath; message: string; offset: number };

/** A scalar and its place in the text. */
export type YamlValue = { path: YamlPath; value: unknown; from: number; to: number };

export type BoundedYaml = {
  document: Document;
  values: YamlValue[];
  problems: YamlProblem[];
  /** The text is no YAML at all. */
  isBroken: boolean;
  /** The offset of the syntax error; null in valid YAML. */
  brokenAt: number | null;
};

const plainTag = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/u;

/** Walks the document with bounds; the parser itself has neither a bound of depth nor a fast search for duplicates. */
function walk(document: Document): { values: YamlValue[]; problems: YamlProblem[] } {
  const values: YamlValue[] = [];
  const problems: YamlProblem[] = [];
  let count = 0;
  const visit = (node: unknown, path: YamlPath, keyOffset: number): void => {
    count += 1;
    if (count > maxValues) return;
    const report = (path: YamlPath, message: string, offset = keyOffset) => {
      if (problems.length < maxProblems) problems.push({ path, message, offset });
    };
    if (path.length > maxDepth) return report(path.slice(0, maxDepth), 'is nested too deep');
    if (isAlias(node)) return report(path, 'is an alias; aliases and anchors are not allowed');
    if (!isNode(node)) return;
    if ('anchor' in node && node.anchor !== undefined)
      report(path, 'has an anchor; aliases and anchors are not allowed');
    if (node.tag !== undefined && !plainTag.test(node.tag)) report(path, 'has a tag that is not allowed');
    if (isMap(node)) {
      const seen = new Set<string>();
      for (const pair of node.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : null;
        const offset = isNode(pair.key) ? pair.key.range?.[0] : undefined;
        if (name === null) report(path, 'has a list, map or alias as a name', offset);
        else if (seen.has(name)) report([...path, name], 'is there twice', offset);
        seen.add(name ?? '');
        visit(pair.value, [...path, name ?? ''], offset ?? keyOffset);
      }
    } else if (isSeq(node))
      node.items.forEach((item, index) =>
        visit(item, [...path, index], (isNode(item) ? item.range?.[0] : undefined) ?? keyOffset),
      );
    else if (isScalar(node) && node.range != null)
      values.push({ path, value: node.value, from: node.range[0], to: node.range[1] });
  };
  visit(document.contents, [], 0);
  if (count > maxValues) problems.push({ path: [], message: `has more than ${maxValues} values`, offset: 0 });
  return { values, problems };
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

function parse(text: string): Document | null {
  if (opensTooDeep(text)) return null;
  try {
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false });
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
  return { document: parseDocument(''), values: [], problems: [problem], isBroken: true, brokenAt };
}

/** Reads YAML with bounds of size, depth and number. Never throws. */
export function readBoundedYaml(text: string, maxBytes: number): BoundedYaml {
  if (text.length > maxBytes) return broken(`is larger than ${maxBytes} bytes`);
  const document = parse(text);
  if (document === null) return broken('is nested too deep');
  const [error] = document.errors;
  if (error !== undefined) return broken(`is not valid YAML (${error.code})`, error.pos[0]);
  return { document, ...walk(document), isBroken: false, brokenAt: null };
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
