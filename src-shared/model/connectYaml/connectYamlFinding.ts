import { connectYamlCodes, type ConnectYamlCode } from './connectYamlCodes.ts';
import { shorten, visibleText } from '../../base/machineText.ts';

/** Replaces the characters from `from` to `to` (exclusive), in UTF-16 units as in JavaScript strings. */
export type TextEdit = { from: number; to: number; text: string };

/**
 * `isSafe`: the fix certainly does what the author meant. Other fixes are never applied together, only one at
 * a time.
 */
export type ConnectYamlFix = { title: string; edits: TextEdit[]; isSafe: boolean };

/** A problem in a connect.yaml. Lines and columns start at 1; null if the problem concerns the whole file. */
export type ConnectYamlFinding = {
  code: ConnectYamlCode;
  severity: 'error' | 'warning' | 'info';
  line: number | null;
  column: number | null;
  /** Start of the range to mark, as an offset; `to` is its end. */
  from: number;
  to: number;
  /** E.g. `repositories.example_group.example_repo`; empty for the whole text. */
  where: string;
  message: string;
  explanation: string;
  fix: ConnectYamlFix | null;
  /** Other fixes to choose from, if several are possible. */
  otherFixes: ConnectYamlFix[];
};

export type Place = { from: number; to: number } | null;

export type Report = (finding: {
  code: ConnectYamlCode;
  place: Place;
  path: readonly string[];
  message: string;
  fixes?: readonly ConnectYamlFix[];
}) => void;

const maxName = 80;
const maxMessage = 400;

export function shortenForMessage(text: string, length = maxName): string {
  return shorten(visibleText(text.slice(0, length * 2)).replace(/[\n\t]/gu, ' '), length);
}

/**
 * Sort key: the position. Errors about the whole text come first, hints about the whole text come last.
 */
function rank({ line, severity, from }: ConnectYamlFinding): number {
  return line === null && severity === 'info' ? Infinity : from;
}

/**
 * Collects findings. Computes line numbers from one table of line starts, because a text may have many
 * findings.
 */
export function createFindings(text: string): { report: Report; findings: () => ConnectYamlFinding[] } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const findings: ConnectYamlFinding[] = [];
  return {
    report: ({ code, place, path, message, fixes = [] }) => {
      const from = Math.min(Math.max(place?.from ?? 0, 0), text.length);
      const to = Math.min(Math.max(place?.to ?? from, from), text.length);
      const line = lineOf(from);
      const [fix = null, ...otherFixes] = fixes.map((suggestion) => ({
        ...suggestion,
        title: shortenForMessage(suggestion.title, maxName * 2),
      }));
      findings.push({
        code,
        severity: connectYamlCodes[code].severity,
        line: place === null ? null : line + 1,
        column: place === null ? null : from - (starts[line] ?? 0) + 1,
        from,
        to,
        where: path.map((part) => shortenForMessage(part)).join('.'),
        message: shortenForMessage(message, maxMessage),
        explanation: connectYamlCodes[code].explanation,
        fix,
        otherFixes,
      });
    },
    findings: () =>
      findings.sort((left, right) => (rank(left) === rank(right) ? 0 : rank(left) - rank(right))),
  };
}

/** Formats a finding like a compiler does, so that editors can jump to its position. */
export function formatConnectYamlFinding(finding: ConnectYamlFinding, file = 'connect.yaml'): string {
  const name = shortenForMessage(file, maxMessage);
  const place = finding.line === null ? name : `${name}:${finding.line}:${finding.column}`;
  const where = finding.where === '' ? '' : `${finding.where}: `;
  return `${place}: ${finding.severity} ${finding.code}: ${where}${finding.message}`;
}

/** E.g. `1 error, 0 warnings, 2 notes.` */
export function countFindings(findings: readonly ConnectYamlFinding[]): string {
  const count = (severity: ConnectYamlFinding['severity'], word: string): string => {
    const { length } = findings.filter((finding) => finding.severity === severity);
    return `${length} ${word}${length === 1 ? '' : 's'}`;
  };
  return `${count('error', 'error')}, ${count('warning', 'warning')}, ${count('info', 'note')}.`;
}

/** Output of `connect lint`. `fixed` is the number of fixed findings; null if no fix was requested. */
export function formatLint(options: {
  file: string;
  findings: readonly ConnectYamlFinding[];
  fixed: number | null;
}): string {
  const { file, findings, fixed } = options;
  const lines = findings.flatMap((finding) => [
    formatConnectYamlFinding(finding, file),
    `  ${finding.explanation}`,
    ...[finding.fix, ...finding.otherFixes].flatMap((fix) => (fix === null ? [] : [`  Fix: ${fix.title}`])),
  ]);
  return [...lines, ...(fixed === null ? [] : [`${fixed} fixed.`]), countFindings(findings)].join('\n');
}

export function hasErrors(findings: readonly ConnectYamlFinding[]): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** Applies the edits to `text`. Throws RangeError for edits that overlap or are outside the text. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const inOrder = [...edits].sort((left, right) => left.from - right.from || left.to - right.to);
  const parts: string[] = [];
  let at = 0;
  for (const edit of inOrder) {
    const { from, to, text: inserted } = edit;
    if (from < at || to < from || to > text.length)
      throw new RangeError('edits overlap or are outside the text');
    parts.push(text.slice(at, from), inserted);
    at = to;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
