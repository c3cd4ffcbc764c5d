import { Lexer } from 'yaml';
import { formatYamlScalar } from '../connectYaml/connectYamlDocument.ts';
import { applyEdits, type TextEdit } from '../connectYaml/connectYamlFinding.ts';
import { formatYamlPath, type YamlValue } from '../../base/boundedYaml.ts';
import { isSecretComment, isSecretValue, secretMask } from './configurationKeys.ts';
import { readConfiguration, type ConfigurationProblem } from './configurationYaml.ts';

export type Comment = { from: number; to: number; text: string };

/** Marks of the lexer that are not part of the text. The last one precedes the text of a scalar. */
const lexerMarks = ['\u0002', '\u0018', '\u001f'];
const scalarMark = '\u001f';

/** The comments of a text, also if it is no YAML. */
export function listComments(text: string): Comment[] {
  const comments: Comment[] = [];
  let at = 0;
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    const isMark = lexerMarks.includes(token);
    if (!isMark && token.startsWith('#') && previous !== scalarMark)
      comments.push({ from: at, to: at + token.length, text: token });
    if (!isMark) at += token.length;
    previous = token;
  }
  return comments;
}

const keyOf = (value: YamlValue) => JSON.stringify(value.path);
const maskedComment = (index: number) => `# ${secretMask}[${index + 1}]`;

/** The shortest secret that is searched for in comments; shorter ones are in ordinary words. */
const minSearched = 4;

/** The comments that are in none of the values: a block has one behind its `|`, which is masked together with it. */
function listCommentsOutside(text: string, values: readonly YamlValue[]): Comment[] {
  const inOrder = [...values].sort((left, right) => left.from - right.from);
  let next = 0;
  return listComments(text).filter(({ from }) => {
    while ((inOrder[next]?.to ?? Infinity) <= from) next += 1;
    return from < (inOrder[next]?.from ?? Infinity);
  });
}

/** The values and the comments that are masked. Comments that may hold a secret, or that repeat one of the file. */
function findSecrets(text: string): { secrets: YamlValue[]; comments: Comment[] } {
  const secrets = readConfiguration(text).values.filter(({ path, value }) => isSecretValue(path, value));
  const searched = secrets.map(({ value }) => String(value)).filter((value) => value.length >= minSearched);
  const comments = listCommentsOutside(text, secrets).filter(
    (comment) => isSecretComment(comment.text) || searched.some((secret) => comment.text.includes(secret)),
  );
  return { secrets, comments };
}

/**
 * The text with every secret masked, and comments that may hold one. Everything else stays byte for byte. Null if secrets
 * may be where they can't be found: the text is no YAML, or parts of it are in no value.
 */
export function maskConfiguration(text: string): string | null {
  const { isBroken, isOpaque } = readConfiguration(text);
  if (isBroken || isOpaque) return null;
  const { secrets, comments } = findSecrets(text);
  const edits: TextEdit[] = [
    ...secrets.map(({ from, to }) => ({
      from,
      to,
      text: `"${secretMask}"${text.slice(from, to).endsWith('\n') ? '\n' : ''}`,
    })),
    ...comments.map(({ from, to }, index) => ({ from, to, text: maskedComment(index) })),
  ];
  return applyEdits(text, edits);
}

function linePrefix(text: string, { from }: YamlValue): string {
  return text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
}

/** The value as YAML that means the same at any place. `source`: as it is written now. */
function writeValue({ value, isText }: YamlValue, source: string): string {
  return isText && typeof value === 'string' ? formatYamlScalar(value) : source;
}

const hasMask = (value: unknown): value is string => typeof value === 'string' && value.includes('•••');

type Restored = { edits: TextEdit[]; problems: ConfigurationProblem[] };

/** `isVerbatim`: copies the present source where the line begins the same, to keep quotes and blocks as they are. */
function restoreValues(candidate: string, present: string, isVerbatim: boolean): Restored {
  const held = new Map(
    readConfiguration(present)
      .values.filter(({ value }) => value !== null && value !== '')
      .map((value) => [keyOf(value), value]),
  );
  const problems: ConfigurationProblem[] = [];
  const edits: TextEdit[] = [];
  for (const value of readConfiguration(candidate).values) {
    if (!hasMask(value.value)) continue;
    const path = formatYamlPath(value.path);
    const own = held.get(keyOf(value));
    if (value.value.trim() !== secretMask) problems.push({ path, message: 'contains a part of a mask' });
    else if (own === undefined || hasMask(own.value))
      problems.push({ path, message: 'is a mask, but the appliance holds no value there' });
    else {
      const { from, to } = value;
      const isSamePlace = isVerbatim && linePrefix(candidate, value) === linePrefix(present, own);
      const source = present.slice(own.from, own.to).replace(/\n$/u, '');
      const written = isSamePlace ? source : writeValue(own, source);
      const ending = candidate.slice(from, to).endsWith('\n') ? '\n' : '';
      edits.push({ from, to, text: `${written}${ending}` });
    }
  }
  return { problems, edits };
}

/** Whether `text` is `candidate` with the present values instead of the masks, and nothing else. */
function isRestored(text: string, candidate: string, present: string): boolean {
  const held = new Map(readConfiguration(present).values.map((value) => [keyOf(value), value.value]));
  const wanted = readConfiguration(candidate).values.map((value) => [
    keyOf(value),
    hasMask(value.value) ? held.get(keyOf(value)) : value.value,
  ]);
  const restored = readConfiguration(text);
  const found = restored.values.map((value) => [keyOf(value), value.value]);
  return !restored.isBroken && JSON.stringify(found) === JSON.stringify(wanted);
}

function restoreComments(candidate: string, present: string): Restored {
  const held = new Map(
    findSecrets(present).comments.map((comment, index) => [maskedComment(index), comment.text]),
  );
  const replaced = readConfiguration(candidate).values.filter(({ value }) => hasMask(value));
  const problems: ConfigurationProblem[] = [];
  const edits: TextEdit[] = [];
  for (const { from, to, text } of listCommentsOutside(candidate, replaced)) {
    if (!hasMask(text)) continue;
    const own = held.get(text.trimEnd());
    if (own === undefined)
      problems.push({ path: '', message: 'a comment contains a mask of no comment here' });
    else edits.push({ from, to, text: own });
  }
  return { problems, edits };
}

/**
 * Replaces the masks in `candidate` by the secrets that `present` holds at the same path. The text is null if a mask
 * has no secret behind it.
 */
export function restoreSecrets(
  candidate: string,
  present: string,
): { text: string | null; problems: ConfigurationProblem[] } {
  if (readConfiguration(candidate).isBroken) return { text: candidate, problems: [] };
  const comments = restoreComments(candidate, present);
  for (const isVerbatim of [true, false]) {
    const values = restoreValues(candidate, present, isVerbatim);
    const problems = [...values.problems, ...comments.problems];
    if (problems.length > 0) return { text: null, problems };
    const text = applyEdits(candidate, [...values.edits, ...comments.edits]);
    if (isRestored(text, candidate, present)) return { text, problems };
  }
  return { text: null, problems: [{ path: '', message: 'a mask is where its secret can’t be written' }] };
}
