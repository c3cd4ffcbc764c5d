import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, type Document } from 'yaml';
import { configurationSchema, formatPath, type ConfigurationPath } from './configurationKeys.ts';

/** Larger files are refused unread **[ours]**. */
export const maxConfigurationBytes = 128 * 1024;
const maxDepth = 16;
const maxValues = 5000;
const maxProblems = 20;

/** What is wrong with a configuration. `path` is empty if the whole file is meant. Never quotes a value. */
export type ConfigurationProblem = { path: string; message: string };

/** A scalar and its place in the text. */
export type ConfigurationValue = {
  path: ConfigurationPath;
  value: unknown;
  from: number;
  to: number;
};

export type ReadConfiguration = {
  document: Document;
  values: ConfigurationValue[];
  /** Problems of a candidate. A present file may have them and is still shown. */
  problems: ConfigurationProblem[];
  /** The text is no YAML at all, so that secrets can't be found in it. */
  isBroken: boolean;
  /** The offset of the syntax error; null in valid YAML. */
  brokenAt: number | null;
};

const plainTag = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/u;

/** Walks the document with bounds; the parser itself has neither a bound of depth nor a fast search for duplicates. */
function walk(document: Document): { values: ConfigurationValue[]; problems: ConfigurationProblem[] } {
  const values: ConfigurationValue[] = [];
  const problems: ConfigurationProblem[] = [];
  let count = 0;
  const report = (path: ConfigurationPath, message: string) => {
    if (problems.length < maxProblems) problems.push({ path: formatPath(path), message });
  };
  const visit = (node: unknown, path: ConfigurationPath): void => {
    count += 1;
    if (count > maxValues) return;
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
        if (name === null) report(path, 'has a list, map or alias as a name');
        else if (seen.has(name)) report([...path, name], 'is there twice');
        seen.add(name ?? '');
        visit(pair.value, [...path, name ?? '']);
      }
    } else if (isSeq(node)) node.items.forEach((item, index) => visit(item, [...path, index]));
    else if (isScalar(node) && node.range != null)
      values.push({ path, value: node.value, from: node.range[0], to: node.range[1] });
  };
  visit(document.contents, []);
  if (count > maxValues) report([], `has more than ${maxValues} values`);
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

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function broken(message: string, brokenAt: number | null = null): ReadConfiguration {
  return {
    document: parseDocument(''),
    values: [],
    problems: [{ path: '', message }],
    isBroken: true,
    brokenAt,
  };
}

/** Reads a configuration with bounds of size, depth and number. Never throws, and never quotes a value. */
export function readConfiguration(text: string): ReadConfiguration {
  if (text.length > maxConfigurationBytes)
    return broken(`the file is larger than ${maxConfigurationBytes} bytes`);
  const document = parse(text);
  if (document === null) return broken('the file is nested too deep');
  const [error] = document.errors;
  if (error !== undefined)
    return broken(`line ${lineOf(text, error.pos[0])} is not valid YAML (${error.code})`, error.pos[0]);
  const { values, problems } = walk(document);
  if (problems.length === 0) problems.push(...checkKeys(document));
  return { document, values, problems, isBroken: false, brokenAt: null };
}

function checkKeys(document: Document): ConfigurationProblem[] {
  if (!isMap(document.contents)) return [{ path: '', message: 'the file is not a map of keys' }];
  const parsed = configurationSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  return (parsed.error?.issues ?? []).slice(0, maxProblems).map((issue) => ({
    path: formatPath(issue.path.map((part) => (typeof part === 'number' ? part : String(part)))),
    message: issue.message,
  }));
}
