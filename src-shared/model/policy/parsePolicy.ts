import type { Document } from 'yaml';
import {
  findYamlOffset,
  formatYamlPath,
  lineOf,
  readBoundedYaml,
  type YamlPath,
} from '../../base/boundedYaml.ts';
import { findNearest } from '../../base/nearest.ts';
import type { SettingFacts } from '../../base/settingFields.ts';
import { findEncodingFault } from '../../base/textEncoding.ts';
import { findLeadTimesProblem } from '../licence/calendarSettings.ts';
import { lockKey, settingLockSchema, type Policy, type PolicyProblem, type SettingLock } from './policy.ts';
import { findSettingFacts, settingGroupNames, settingGroups, type SettingGroup } from './settingGroups.ts';

/** Larger files are refused unread **[ours]**. */
export const maxPolicyBytes = 64 * 1024;

type ParsedPolicy = Pick<Policy, 'connectedWindow' | 'locks' | 'problems'>;
/** Reports a problem of the value at a path. */
type Report = (path: YamlPath, message: string) => void;
type PlainMap = Record<string, unknown>;

const windowRights: readonly unknown[] = ['allowed', 'forbidden'] satisfies Policy['connectedWindow'][];

/** What a policy file may say about a setting, after "must be". */
export function describeAllowed(facts: SettingFacts): string {
  switch (facts.kind) {
    case 'limit':
      return `a number from ${facts.min} to ${facts.max}, or null for off`;
    case 'number':
      return `a number from ${facts.min} to ${facts.max}`;
    case 'switch':
      return 'true or false';
    case 'text':
      return facts.form ?? `a text of at most ${facts.maxLength} characters without invisible characters`;
    case 'hours':
      return 'two times such as {from: "22:00", to: "06:00"}, or null for off';
  }
}

function showValue(facts: SettingFacts, value: SettingLock['value']): string {
  if (value === null) return 'off';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return 'unit' in facts ? `${value} ${facts.unit}`.trim() : `${value}`;
  if (typeof value === 'object') return `${value.from} to ${value.to}`;
  return value === '' ? 'empty' : value;
}

function isRecord(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reports keys that are not among `known`, with the key that was probably meant. */
function reportUnknown(map: PlainMap, known: readonly string[], path: YamlPath, report: Report): void {
  for (const key of Object.keys(map).filter((key) => !known.includes(key))) {
    const nearest = findNearest(key, known);
    report([...path, key], `is unknown${nearest === null ? '' : `; did you mean ${nearest}?`}`);
  }
}

/** The map at `key`, or an empty one. Reports any other value. */
function readMap(parent: PlainMap, path: YamlPath, report: Report): PlainMap {
  const value = parent[String(path.at(-1))];
  if (value === undefined) return {};
  if (isRecord(value)) return value;
  report(path, 'must be a map of keys');
  return {};
}

function readLock(group: SettingGroup, field: string, value: unknown): SettingLock | string {
  const facts = findSettingFacts(group, field);
  if (facts === undefined) return 'is unknown';
  const shape: Record<string, { safeParse: (value: unknown) => { data?: unknown; success: boolean } }> =
    settingGroups[group].schema.shape;
  const parsed = shape[field]?.safeParse(value);
  // A default would hide that the file sets nothing.
  const lock = settingLockSchema.shape.value.safeParse(value === undefined ? undefined : parsed?.data);
  if (parsed?.success !== true || !lock.success) return `must be ${describeAllowed(facts)}`;
  return { group, field, value: lock.data, shown: showValue(facts, lock.data) };
}

/** Reports a locked lead time that comes after another locked one. Returns the locks that are left. */
function dropContradiction(locks: SettingLock[], report: Report): SettingLock[] {
  const days = Object.fromEntries(
    locks.flatMap(({ group, field, value }) =>
      group === 'licenceLeadTimes' && typeof value === 'number' ? [[field, value]] : [],
    ),
  );
  const problem = findLeadTimesProblem(days);
  if (problem === null) return locks;
  const { field, least, following } = problem;
  report(
    ['settings', 'licenceLeadTimes', field],
    `must be at least ${least}, because ${following} is ${least}`,
  );
  return dropContradiction(
    locks.filter((lock) => lock.group !== 'licenceLeadTimes' || lock.field !== field),
    report,
  );
}

function readLocks(root: PlainMap, report: Report): SettingLock[] {
  const settings = readMap(root, ['settings'], report);
  reportUnknown(settings, settingGroupNames, ['settings'], report);
  return settingGroupNames.flatMap((group) => {
    const path = ['settings', group];
    const fields = readMap(settings, path, report);
    const known = Object.keys(settingGroups[group].schema.shape);
    reportUnknown(fields, known, path, report);
    return known
      .filter((field) => Object.hasOwn(fields, field))
      .flatMap((field) => {
        const lock = readLock(group, field, fields[field]);
        if (typeof lock !== 'string') return [lock];
        report([...path, field], lock);
        return [];
      });
  });
}

/** Fails as a whole: no lock can be read. */
function failWhole(message: string, line: number | null = null): ParsedPolicy {
  return { connectedWindow: 'forbidden', locks: [], problems: [{ line, key: '', message }] };
}

/** The document as plain values; null if it is no map, or has aliases, which are never expanded. */
function readRoot(document: Document): PlainMap | null {
  try {
    const root: unknown = document.toJS({ maxAliasCount: 0 });
    return isRecord(root) ? root : null;
  } catch {
    return null;
  }
}

const isWithin = (key: string, parent: string) => key === parent || key.startsWith(`${parent}.`);

/** Parses a policy file. Keeps each valid lock. Any problem forbids the connected window. Never throws. */
export function parsePolicy(text: string): ParsedPolicy {
  const encoding = findEncodingFault(text);
  if (encoding !== null) return failWhole(`can’t be used: ${encoding.message}`);
  const { document, isBroken, brokenAt, problems: found } = readBoundedYaml(text, maxPolicyBytes);
  if (isBroken) return failWhole(found[0]?.message ?? '', brokenAt === null ? null : lineOf(text, brokenAt));
  const problems: PolicyProblem[] = [];
  const add = (path: YamlPath, message: string, offset: number): void => {
    problems.push({ line: lineOf(text, offset), key: formatYamlPath(path), message });
  };
  for (const { path, message, offset } of found) add(path, message, offset);
  // Of two equal keys, no one knows which is meant.
  const unclear = problems.map(({ key }) => key);
  const root = readRoot(document);
  if (root === null)
    return problems.length > 0 ? { ...failWhole(''), problems } : failWhole('must be a map of keys');
  const report: Report = (path, message) => add(path, message, findYamlOffset(document, path));
  reportUnknown(root, ['connectedWindow', 'settings'], [], report);
  const right = root['connectedWindow'];
  if (right !== undefined && !windowRights.includes(right))
    report(['connectedWindow'], 'must be allowed or forbidden');
  const locks = dropContradiction(readLocks(root, report), report).filter(
    (lock) => !unclear.some((key) => isWithin(lockKey(lock), key) || isWithin(key, lockKey(lock))),
  );
  problems.sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return {
    connectedWindow: problems.length > 0 || right === 'forbidden' ? 'forbidden' : 'allowed',
    locks,
    problems,
  };
}
