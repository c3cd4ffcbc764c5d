import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseSync, type Node } from 'oxc-parser';

/** Words that are hard to read. Texts for users must not contain them. */
const avoidedWords = [
  'nobody',
  'anew',
  'somebody',
  'whoever',
  'meanwhile',
  'thereof',
  'is none',
  '(?:waits|wait) for (?:a|your) yes',
  'lets? go of',
  'is let go',
  '(?:take|takes|taken) back',
  'stands? alone',
  '(?:is|are) told',
  'by (?:itself|themselves)',
  'as things go',
  'lies there',
  'passed over',
  'not well(?!-)',
] as const;
const avoided = new RegExp(String.raw`\b(?:${avoidedWords.join('|')})\b`, 'giu');

/** Limit for comments, per 1,000 source lines without tests. */
const maxPerThousandLines = 0.1;

type Text = { start: number; text: string };

/** Returns the texts of a source file: string literals, templates and JSX text, but not import paths. */
export function readTexts(file: string, source: string): Text[] {
  const texts: Text[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (!isNode(node)) return;
    if (node.type === 'JSXText') texts.push({ start: node.start, text: node.value });
    else if (node.type === 'TemplateElement') texts.push({ start: node.start, text: node.value.raw });
    else if (node.type === 'Literal' && typeof node.value === 'string')
      texts.push({ start: node.start, text: node.value });
    for (const [key, value] of Object.entries(node)) if (key !== 'source') visit(value);
  };
  visit(parseSync(file, source).program);
  return texts;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Returns `file:line: word` for each avoided word in a text that a user may see. */
export function findAvoidedWords(file: string, source: string): string[] {
  return readTexts(file, source).flatMap(({ start, text }) =>
    [...text.matchAll(avoided)].map((match) => {
      const line = source.slice(0, start + match.index).split('\n').length;
      return `${file}:${line}: "${match[0]}"`;
    }),
  );
}

export function countAvoidedWords(source: string): number {
  return [...source.matchAll(avoided)].length;
}

function sourceFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', 'src-*.ts', 'src-*.tsx'], { encoding: 'utf8' });
  return listed.split('\n').filter((file) => file !== '' && !/\.test\.tsx?$/u.test(file));
}

function main(): void {
  let lines = 0;
  let words = 0;
  const findings: string[] = [];
  for (const file of sourceFiles()) {
    const source = readFileSync(file, 'utf8');
    lines += source.split('\n').length - 1;
    words += countAvoidedWords(source);
    findings.push(...findAvoidedWords(file, source));
  }
  const density = (words / lines) * 1000;
  for (const finding of findings) console.error(`${finding} (see the rules for texts in ARCHITECTURE.md)`);
  console.log(`${words} avoided words in ${lines} source lines: ${density.toFixed(2)} per 1,000.`);
  if (findings.length > 0 || density > maxPerThousandLines) process.exitCode = 1;
}

if (import.meta.main) main();
