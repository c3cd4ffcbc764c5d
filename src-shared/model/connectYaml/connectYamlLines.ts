import { visibleLine } from '../../base/machineText.ts';
import { readYaml } from './connectYamlDocument.ts';
import { applyEdits, type Report, type TextEdit } from './connectYamlFinding.ts';

const lineEnds = /(?<!\r)\r+(?![\r\n])|[\u0085\u2028\u2029]/gu;
const lineEndNames: Readonly<Record<string, string>> = {
  '\r': 'a carriage return without a line feed (U+000D)',
  '\u0085': 'a next-line control (U+0085)',
  '\u2028': 'a line separator (U+2028)',
  '\u2029': 'a paragraph separator (U+2029)',
};
const controls = /[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]/u;
/** How much of the end of a text is searched for a mark. */
const maxEnd = 256;

/** What other programs put in front of every line of a text that is copied from them. */
const prefixes = [
  { name: '“>”, as in a mail', pattern: /^ *>+ ?/u },
  { name: '“+”, as in a comparison', pattern: /^\+/u },
  { name: 'its number', pattern: /^ *(?<number>\d+)(?: *[:|]|[\t ])/u },
] as const;

const replaceAt = (from: number, old: string, text: string): TextEdit => ({
  from,
  to: from + old.length,
  text,
});

/** Reports characters that end lines in other programs but not in YAML. */
function lintLineEnds(text: string, report: Report): boolean {
  const all = [...text.matchAll(lineEnds)];
  const [first] = all;
  if (first === undefined) return true;
  const more = all.length === 1 ? '' : ` (and ${all.length - 1} more)`;
  report({
    code: 'C-1019',
    place: { from: first.index, to: first.index + first[0].length },
    path: [],
    message: `${lineEndNames[first[0][0] ?? ''] ?? 'a character'} instead of a line break${more}`,
    fixes: [
      {
        title: 'End lines with LF',
        edits: all.map((match) => replaceAt(match.index, match[0], '\n')),
        isSafe: true,
      },
    ],
  });
  return false;
}

/** Reports the mark that old programs put at the end of a file. */
function lintEndMark(text: string, report: Report): boolean {
  const end = /\u001a\s*$/u.exec(text.slice(-maxEnd));
  if (end === null) return true;
  const from = Math.max(0, text.length - maxEnd) + end.index;
  report({
    code: 'C-1019',
    place: { from, to: from + 1 },
    path: [],
    message: 'a control character (\u241a, U+001A) at the end of the file',
    fixes: [{ title: 'Remove it', edits: [replaceAt(from, '\u001a', '')], isSafe: true }],
  });
  return false;
}

/** Reports other control characters. What was meant is not certain. */
function lintControls(text: string, report: Report): boolean {
  const found = controls.exec(text);
  if (found === null) return true;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  report({
    code: 'C-1017',
    place: { from: found.index, to: found.index + 1 },
    path: [],
    message: `a control character (${visibleLine(found[0])}, U+${code})`,
  });
  return false;
}

type Line = { from: number; line: string };

/** The edits that remove a prefix from every line. Null if a line lacks it, or if numbers don't count the lines. */
function removePrefix(lines: readonly Line[], pattern: RegExp): TextEdit[] | null {
  const edits: TextEdit[] = [];
  let before: number | null = null;
  for (const { from, line } of lines) {
    const match = pattern.exec(line);
    if (match === null) return null;
    const written = match.groups?.['number'];
    const number: number | null = written === undefined ? null : Number(written);
    if (number !== null && before !== null && number <= before) return null;
    before = number;
    edits.push(replaceAt(from, match[0], ''));
  }
  return edits;
}

/** Finds the marks of a mail, a comparison, a listing or Markdown around the text. */
function findWrapping(text: string): { from: number; message: string; edits: TextEdit[] } | null {
  let from = 0;
  const lines: Line[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() !== '') lines.push({ from, line });
    from += line.length + 1;
  }
  const [first] = lines;
  if (first === undefined || lines.length < 3) return null;
  const found = prefixes.flatMap(({ name, pattern }) => {
    const edits = removePrefix(lines, pattern);
    return edits === null ? [] : [{ message: `every line starts with ${name}`, edits }];
  });
  if (/^\s*```/u.test(first.line)) {
    const fences = lines.filter(({ line }) => /^\s*```[\w-]*\s*$/u.test(line));
    const edits = fences.map(({ from: start, line }) => replaceAt(start, line, ''));
    found.push({ message: 'a fence of Markdown (```) is around the text', edits });
  }
  const [wrapping] = found;
  return wrapping === undefined ? null : { from: first.from, ...wrapping };
}

/** Reports such marks. Without them, the text must be YAML. */
function lintWrapping(text: string, report: Report): boolean {
  const wrapping = findWrapping(text);
  if (wrapping === null) return true;
  const { from, message, edits } = wrapping;
  const after = applyEdits(text, edits);
  if (findWrapping(after) !== null || !isYaml(after)) return true;
  const fixes = [{ title: 'Remove it', edits, isSafe: true }];
  report({ code: 'C-1010', place: { from, to: from + 1 }, path: [], message, fixes });
  return false;
}

function isYaml(text: string): boolean {
  try {
    const { root, faults } = readYaml(text);
    return faults.length === 0 && root.kind === 'map';
  } catch {
    // The parser is recursive.
    return false;
  }
}

/**
 * Reports what is wrong with the lines as a whole: other line ends, control characters, marks of other programs. Returns
 * false if there is any, because no other finding is certain then.
 */
export function lintLines(text: string, report: Report): boolean {
  const marks = [lintLineEnds(text, report), lintEndMark(text, report)];
  return !marks.includes(false) && lintControls(text, report) && lintWrapping(text, report);
}
