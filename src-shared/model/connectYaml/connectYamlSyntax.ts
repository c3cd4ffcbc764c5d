import { readYaml, type YamlFault, type YamlValue } from './connectYamlDocument.ts';
import { applyEdits, type ConnectYamlFix, type Report, type TextEdit } from './connectYamlFinding.ts';
import { connectYamlKeys } from './connectYamlValues.ts';

const maxFaults = 20;

/**
 * Messages that replace those of the YAML parser, by its error codes. Other codes keep the parser's message.
 */
const faultMessages: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the lines of this block are not indented equally',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on one line; is a quote or a line break missing?',
  MULTILINE_IMPLICIT_KEY: 'this line is not a "key: value" pair',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTIPLE_DOCS: 'a second document starts here; connect.yaml must contain only one',
  BAD_SCALAR_START: 'a value that starts with this character needs quotes',
  UNEXPECTED_TOKEN: 'this is not allowed here',
  RESOURCE_EXHAUSTION: 'nested too deep',
};

/** Returns the fix if it reduces the number of syntax errors, otherwise no fix. */
function keepIfFewerFaults(input: {
  text: string;
  title: string;
  edits: TextEdit[];
  code: string;
  faults: readonly YamlFault[];
}): ConnectYamlFix[] {
  const { text, title, edits, code, faults } = input;
  const after = readYaml(applyEdits(text, edits)).faults;
  const stays = after.some((fault) => fault.code === code);
  return stays || after.length >= Math.max(faults.length, 1) ? [] : [{ title, edits, isSafe: true }];
}

function tabEdits(text: string, width: number): TextEdit[] {
  return [...text.matchAll(/^[ \t]+/gmu)]
    .filter(([indentation]) => indentation.includes('\t'))
    .map((match) => ({
      from: match.index,
      to: match.index + match[0].length,
      text: match[0].replaceAll('\t', ' '.repeat(width)),
    }));
}

/** Whether every level has entries (keys, groups, repositories) and the last level has URIs. */
function isWellShaped(root: YamlValue): boolean {
  const repositories = root.entries.find(({ name }) => name === 'repositories')?.value;
  return (
    repositories?.kind === 'map' &&
    repositories.entries.every(
      ({ value }) => value.kind === 'map' && value.entries.every((child) => child.value.kind === 'text'),
    )
  );
}

function outlineOf(value: YamlValue): unknown {
  return value.kind === 'map'
    ? value.entries.map((child) => [child.name, outlineOf(child.value)])
    : value.text;
}

/**
 * Tries several tab widths, because the file doesn't say how wide a tab is. Keeps those with which the text
 * parses.
 */
function tabFixes(text: string): ConnectYamlFix[] {
  const read = [4, 2, 8].flatMap((width) => {
    const edits = tabEdits(text, width);
    const after = readYaml(applyEdits(text, edits));
    if (after.faults.length > 0 || after.root.kind !== 'map') return [];
    return [{ title: `Write ${width} spaces for each tab`, edits, root: after.root }];
  });
  const shaped = read.filter(({ root }) => isWellShaped(root));
  const isSafe = new Set(shaped.map(({ root }) => JSON.stringify(outlineOf(root)))).size === 1;
  const [fix] = shaped.length > 0 ? shaped : read;
  return fix === undefined ? [] : [{ title: fix.title, edits: fix.edits, isSafe }];
}

function backslashFixes(text: string, fault: YamlFault, faults: readonly YamlFault[]): ConnectYamlFix[] {
  const line = text.lastIndexOf('\n', fault.from - 1) + 1;
  const ending = text.indexOf('\n', fault.from);
  const to = ending === -1 ? text.length : ending;
  // Replace backslashes by one slash between parts of a path, and by two slashes in front of the server's
  // name.
  const edits = [...text.slice(line, to).matchAll(/(?<=(")?)\\+/gu)].map((match) => ({
    from: line + match.index,
    to: line + match.index + match[0].length,
    text: match[1] !== undefined && match[0].length > 1 ? '//' : '/',
  }));
  const code = faults.filter((fault) => fault.code === 'BAD_DQ_ESCAPE').length > 1 ? '' : 'BAD_DQ_ESCAPE';
  return keepIfFewerFaults({ text, title: 'Use slashes', edits, code, faults });
}

/** Finds `appliance:host` without a space after the colon. */
function findTightColons(text: string): { from: number; to: number; key: string }[] {
  const pattern = new RegExp(`^[ ]*(${connectYamlKeys.join('|')}):(?=[^\\s:])`, 'gmu');
  return [...text.matchAll(pattern)].map((match) => {
    const to = match.index + match[0].length;
    const key = match[1] ?? '';
    return { from: to - key.length - 1, to, key };
  });
}

/** An IPv6 address in brackets without quotes, in the line of `at`. YAML takes its bracket for a list. */
function findOpenAddress(text: string, at: number): { from: number; to: number } | null {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const line = /^[^\n]*/u.exec(text.slice(start, start + 512))?.[0] ?? '';
  const [, before = '', address = ''] =
    /^(\s*[\w-]+:\s+)(\[[\da-f]*:[\da-f:.]*(?:%[\w.-]+)?\](?::\d+)?)\s*(?:#.*)?$/iu.exec(line) ?? [];
  const from = start + before.length;
  return address === '' ? null : { from, to: from + address.length };
}

/** Reports the syntax errors of the text. Returns false if no further checks are possible. */
export function lintSyntax(input: {
  text: string;
  root: YamlValue;
  faults: readonly YamlFault[];
  aliases: readonly YamlFault[];
  report: Report;
}): boolean {
  const { text, root, faults, aliases, report } = input;
  const path: string[] = [];
  const isMapOfKeys = faults.length === 0 && root.kind === 'map';
  if (!isMapOfKeys) {
    const tight = findTightColons(text);
    const edits = tight.map(({ to }) => ({ from: to, to, text: ' ' }));
    const [first] = tight;
    if (first !== undefined) {
      const after = readYaml(applyEdits(text, edits));
      const isFixed = after.root.kind === 'map' && after.faults.length <= faults.length;
      const fixes = isFixed ? [{ title: 'Put a space after the colon', edits, isSafe: true }] : [];
      report({ code: 'C-1015', place: first, path: [first.key], message: 'no space after the colon', fixes });
      return false;
    }
  }
  const tab = faults.find((fault) => fault.code === 'TAB_AS_INDENT');
  if (tab !== undefined) {
    const fixes = tabFixes(text);
    report({ code: 'C-1011', place: tab, path, message: 'this line is indented by a tab', fixes });
    if (fixes.length > 0) return false;
  }
  const others = faults.filter((fault) => fault.code !== 'TAB_AS_INDENT').slice(0, maxFaults);
  for (const fault of others) {
    const address = findOpenAddress(text, fault.from);
    if (address !== null)
      report({
        code: 'C-1010',
        place: address,
        path,
        message: 'an address that starts with [ needs quotes',
        fixes: keepIfFewerFaults({
          text,
          title: 'Put quotes around it',
          edits: [address.from, address.to].map((at) => ({ from: at, to: at, text: '"' })),
          code: '',
          faults,
        }),
      });
    else if (fault.code === 'BAD_DQ_ESCAPE')
      report({
        code: 'C-1016',
        place: fault,
        path,
        message: 'a backslash in double quotes',
        fixes: backslashFixes(text, fault, faults),
      });
    else
      report({
        code: fault.code === 'RESOURCE_EXHAUSTION' ? 'C-1002' : 'C-1010',
        place: fault,
        path,
        message: faultMessages[fault.code] ?? fault.message,
      });
  }
  for (const alias of aliases)
    report({ code: 'C-1014', place: alias, path, message: 'aliases are not allowed' });
  return faults.length === 0 && aliases.length === 0;
}

/** Reports characters that are unusual but harmless to Connect. */
export function lintMarks(text: string, report: Report): void {
  const marks = text.length - text.replace(/^\ufeff+/u, '').length;
  if (marks > 0)
    report({
      code: 'C-1012',
      place: { from: 0, to: marks },
      path: [],
      message: 'the file starts with a byte order mark',
      fixes: [{ title: 'Remove it', edits: [{ from: 0, to: marks, text: '' }], isSafe: true }],
    });
  const first = text.indexOf('\r\n');
  if (first === -1) return;
  // Match a run of CRs as a whole. Otherwise one CR would stay before the LF, and a megabyte of CRs would
  // take forever.
  const edits = [...text.matchAll(/(?<!\r)\r+(?=\n)/gu)].map(({ 0: marksHere, index }) => ({
    from: index,
    to: index + marksHere.length,
    text: '',
  }));
  report({
    code: 'C-1013',
    place: { from: first, to: first + 2 },
    path: [],
    message: 'lines end with CR LF',
    fixes: [{ title: 'End lines with LF', edits, isSafe: true }],
  });
}
