import {
  formatYamlPath,
  lineOf,
  type YamlPath,
  type YamlValue,
} from '../../../src-shared/base/boundedYaml.ts';
import { configurationKeys, secretMask } from '../../../src-shared/model/configuration/configurationKeys.ts';
import {
  readConfiguration,
  type ConfigurationProblem,
} from '../../../src-shared/model/configuration/configurationYaml.ts';
import { describeLookAlike, findLookAlikes } from '../../../src-shared/base/lookAlikes.ts';
import { findNearest } from '../../../src-shared/base/nearest.ts';
import { listComments } from '../../../src-shared/model/configuration/configurationSecrets.ts';
import type { EditorFix, TextRange } from '../../ui/editor/editorTypes.ts';
import { fixLookAlike, fixMask, fixName, fixValue } from './fixDraft.ts';

/** A problem and its place in the text. `line` starts at 1; null if the whole file is meant. */
export type DraftFinding = ConfigurationProblem & {
  severity: 'error' | 'warning';
  line: number | null;
  range: TextRange | null;
  /** What would correct it, if that is certain. */
  fix: EditorFix | null;
};

export const isMasked = ({ value }: Pick<YamlValue, 'value'>) =>
  typeof value === 'string' && value.includes('•••');

/** The value at a path; for a map or a list, its first value. Of duplicates the last one. */
function valueAt(values: readonly YamlValue[], path: string): YamlValue | undefined {
  return (
    values.findLast((value) => formatYamlPath(value.path) === path) ??
    values.find(({ path: parts }) => parts.some((_part, end) => formatYamlPath(parts.slice(0, end)) === path))
  );
}

/** Offers a correction for a problem of a value. */
type FixValue = (value: YamlValue) => EditorFix | null;

const noFix: FixValue = () => null;

/** Places problems in a text, e.g. those that the appliance found in it. */
export function placeProblems(
  text: string,
  problems: readonly ConfigurationProblem[],
  { severity = 'error', fixFor = noFix }: { severity?: DraftFinding['severity']; fixFor?: FixValue } = {},
): DraftFinding[] {
  const { values, brokenAt } = readConfiguration(text);
  return problems.map((found) => {
    const problem = { ...found, severity };
    const value = problem.path === '' ? undefined : valueAt(values, problem.path);
    if (value !== undefined)
      return {
        ...problem,
        line: lineOf(text, value.from),
        range: { from: value.from, to: value.to },
        fix: formatYamlPath(value.path) === problem.path ? fixFor(value) : null,
      };
    if (brokenAt === null) return { ...problem, line: null, range: null, fix: null };
    const range = { from: brokenAt, to: brokenAt };
    return { ...problem, line: lineOf(text, brokenAt), range, fix: null };
  });
}

/** Masks that the appliance would refuse, because it holds no secret there. */
function listMaskProblems(text: string, present: string): ConfigurationProblem[] {
  const held = new Set(
    readConfiguration(present)
      .values.filter(isMasked)
      .map(({ path }) => JSON.stringify(path)),
  );
  return readConfiguration(text)
    .values.filter(isMasked)
    .flatMap(({ path, value }) => {
      const name = formatYamlPath(path);
      if (value !== secretMask && String(value).trim() !== secretMask)
        return { path: name, message: 'contains a part of a mask; write the whole secret' };
      return held.has(JSON.stringify(path))
        ? []
        : { path: name, message: 'is a mask, but the appliance holds no secret there' };
    });
}

const maxWarnings = 20;
const knownNames = Object.keys(configurationKeys);
/** Two typing errors more than the longest known name. */
const maxKnownLength = Math.max(...knownNames.map((name) => name.length)) + 2;
const maxKnownDepth = Math.max(...knownNames.map((name) => name.split('.').length));
/** Keys that are compared with the known ones; a real file has a few dozen. */
const maxSearched = 500;

/** Unknown keys that are nearly a known one. Other unknown keys are kept and not checked. */
function listUnknownKeys(text: string): ConfigurationProblem[] {
  const { values } = readConfiguration(text);
  return values.slice(0, maxSearched).flatMap(({ path }) => {
    const name = formatYamlPath(path);
    const isLikely = path.length <= maxKnownDepth && name.length <= maxKnownLength;
    if (!isLikely || findKey(path) !== undefined) return [];
    const nearest = findNearest(name, knownNames);
    return nearest === null ? [] : [{ path: name, message: `is not known. Do you mean ${nearest}?` }];
  });
}

/** Characters outside comments that look like another one or like nothing. */
function listLookAlikes(text: string): DraftFinding[] {
  const found = findLookAlikes(text);
  if (found.length === 0) return [];
  const comments = listComments(text);
  return found
    .filter(({ at }) => !comments.some(({ from, to }) => at >= from && at < to))
    .slice(0, maxWarnings)
    .map(({ at, ...lookAlike }): DraftFinding => ({
      path: '',
      message: `has ${describeLookAlike(lookAlike)}`,
      severity: 'warning',
      line: lineOf(text, at),
      range: { from: at, to: at + lookAlike.character.length },
      fix: fixLookAlike({ at, ...lookAlike }),
    }));
}

/** Everything that can be checked before the draft is sent. `present` is masked by the appliance. */
export function checkDraft(text: string, present: string): DraftFinding[] {
  const { problems } = readConfiguration(text);
  return [
    ...placeProblems(text, problems, { fixFor: (value) => fixValue(text, present, value) }),
    ...placeProblems(text, listMaskProblems(text, present), { fixFor: (value) => fixMask(present, value) }),
    ...placeProblems(text, listUnknownKeys(text).slice(0, maxWarnings), {
      severity: 'warning',
      fixFor: (value) => fixName(text, value, findNearest(formatYamlPath(value.path), knownNames)),
    }),
    ...listLookAlikes(text),
  ];
}

export type KeyHelp = {
  path: string;
  /** Null if the console does not know the key. */
  meaning: string | null;
  /** What the value must be; null for an unknown key. */
  form: string | null;
  isSecret: boolean;
  /** The value is a mask, which keeps the present secret. */
  isMasked: boolean;
};

/** The nearest known key at or above a path. */
function findKey(path: YamlPath) {
  const ends = path.map((_part, index) => path.length - index);
  for (const end of ends) {
    const name = formatYamlPath(path.slice(0, end));
    if (Object.hasOwn(configurationKeys, name)) return configurationKeys[name];
  }
  return undefined;
}

/** What is known about the key in the line of the cursor; null if the line has no value. */
export function keyAt(text: string, cursor: number): KeyHelp | null {
  const { values } = readConfiguration(text);
  const from = text.lastIndexOf('\n', cursor - 1) + 1;
  const end = text.indexOf('\n', cursor);
  const to = end === -1 ? text.length : end;
  const value =
    values.find((candidate) => candidate.from <= cursor && cursor < candidate.to) ??
    values.find((candidate) => candidate.from >= from && candidate.from <= to);
  if (value === undefined) return null;
  const facts = findKey(value.path);
  return {
    path: formatYamlPath(value.path),
    meaning: facts?.meaning ?? null,
    form: facts?.form ?? null,
    isSecret: facts?.isSecret ?? false,
    isMasked: isMasked(value),
  };
}
