import { AppError } from '../../errors.ts';
import { connectKeyPath } from './deployments.ts';
import { type ConnectConfiguration } from './connectYaml.ts';
import {
  insertLine,
  createSingleFix,
  readYaml,
  removeEntry,
  replaceValue,
  formatYamlScalar,
  type YamlEntry,
  type YamlValue,
} from './connectYamlDocument.ts';
import {
  createFindings,
  formatConnectYamlFinding,
  type ConnectYamlFinding,
  type ConnectYamlFix,
  type Report,
} from './connectYamlFinding.ts';
import { lintCharacters, lintEncoding } from './connectYamlCharacters.ts';
import { lintLines } from './connectYamlLines.ts';
import { lintRepositories } from './connectYamlRepositories.ts';
import { lintMarks, lintSyntax } from './connectYamlSyntax.ts';
import {
  connectYamlKeys,
  hasKnownKeyPath,
  isIsolated,
  readEndpoint,
  requiredConnectYamlKeys,
  valueFaults,
  type ConnectYamlContext,
} from './connectYamlValues.ts';
import { findNearest } from '../../base/nearest.ts';

/** Maximum length in UTF-16 units. Longer texts are rejected. */
export const maxConnectYaml = 256 * 1024;

/**
 * Maximum number of structure characters. The parser is slow if it reports thousands of errors. A file with
 * 3,000 repositories has a third of this number.
 */
const maxStructure = 40_000;
const structure = /[[\]{},"'!&*|>%@`\\]/gu;

export type ConnectYamlLint = {
  /** Null if any finding is an error. */
  configuration: ConnectConfiguration | null;
  /** Sorted by position. */
  findings: ConnectYamlFinding[];
};

type UpperKey = (typeof connectYamlKeys)[number];
const isUpperKey = (name: string): name is UpperKey => connectYamlKeys.some((key) => key === name);

/**
 * Lints the text. Never throws, and takes at most a few seconds, even for a text crafted to be slow to lint.
 * Pure.
 */
export function lintConnectYaml(text: string, context: ConnectYamlContext = {}): ConnectYamlLint {
  const { report, findings } = createFindings(text);
  let configuration: ConnectConfiguration | null = null;
  if (text.length > maxConnectYaml)
    report({
      code: 'C-1001',
      place: null,
      path: [],
      message: `is longer than ${maxConnectYaml / 1024} kB`,
    });
  else if (text.replace(/^\ufeff/u, '').trim() === '')
    report({ code: 'C-1003', place: null, path: [], message: 'the text is empty' });
  else configuration = lintBounded({ text, context, report });
  const all = findings();
  return {
    configuration: all.some(({ severity }) => severity === 'error') ? null : configuration,
    findings: all,
  };
}

type Lint = { text: string; context: ConnectYamlContext; report: Report };

function lintBounded(lint: Lint): ConnectConfiguration | null {
  const { text, report } = lint;
  if ((text.match(structure)?.length ?? 0) > maxStructure) {
    const message = 'has far more brackets, quotes and commas than a connect.yaml needs';
    report({ code: 'C-1002', place: null, path: [], message });
    return null;
  }
  if (!lintEncoding(text, report) || !lintLines(text, report) || !lintCharacters(text, report)) return null;
  let read: ReturnType<typeof readYaml>;
  try {
    read = readYaml(text);
  } catch {
    // The parser is recursive, so thousands of nested levels overflow the stack.
    report({ code: 'C-1002', place: null, path: [], message: 'nested too deep' });
    return null;
  }
  lintMarks(text, report);
  if (!lintSyntax({ text, report, ...read })) return null;
  if (read.root.kind !== 'map') {
    const message = 'connect.yaml must contain appliance, ssh_key and repositories';
    report({
      code: read.root.kind === 'empty' ? 'C-1003' : 'C-1101',
      place: read.root.kind === 'empty' ? null : read.root,
      path: [],
      message,
    });
    return null;
  }
  return lintUpperKeys(lint, read.root);
}

function lintUpperKeys(lint: Lint, root: YamlValue): ConnectConfiguration | null {
  const { text, context, report } = lint;
  const present = new Map<UpperKey, YamlEntry>();
  const unknown: YamlEntry[] = [];
  const duplicateNames = new Set<string>();
  const seen = new Map<string, YamlEntry>();
  for (const entry of root.entries) {
    const before = seen.get(entry.name);
    if (before !== undefined) {
      duplicateNames.add(entry.name);
      reportSecond({ text, report, before, entry });
    } else if (isUpperKey(entry.name)) present.set(entry.name, entry);
    else unknown.push(entry);
    if (before === undefined) seen.set(entry.name, entry);
  }
  const renamed = lintUnknown(lint, { unknown, duplicateNames, present });
  for (const key of requiredConnectYamlKeys.filter((required) => !present.has(required))) {
    const line = key === 'ssh_key' && !renamed.has(key) ? `ssh_key: ${connectKeyPath}` : null;
    const fixes =
      line === null
        ? []
        : createSingleFix(`Add ${line}`, insertLine(text, root, line), hasKnownKeyPath(context));
    report({ code: 'C-1104', place: null, path: [key], message: 'is missing', fixes });
  }
  const configuration: ConnectConfiguration = {
    appliance: { host: '', port: 0 },
    sshKey: '',
    hostKey: null,
    bindAddress: null,
    repositories: [],
  };
  for (const [key, entry] of present) {
    if (key === 'repositories') {
      configuration.repositories = lintRepositories(lint, entry);
      continue;
    }
    const value = lintText(lint, key, entry);
    if (value === null) continue;
    if (key === 'appliance') configuration.appliance = readEndpoint(value) ?? configuration.appliance;
    if (key === 'ssh_key') configuration.sshKey = value;
    if (key === 'host_key') configuration.hostKey = value;
    if (key === 'bind_address') configuration.bindAddress = value;
  }
  if (!present.has('host_key')) {
    const line = context.hostKey == null ? null : `host_key: ${formatYamlScalar(context.hostKey)}`;
    const fixes =
      line === null || renamed.has('host_key')
        ? []
        : createSingleFix(`Add ${line}`, insertLine(text, root, line));
    const message = isIsolated(context)
      ? 'is not pinned, and a container can’t remember the key from the first connection'
      : 'is not pinned';
    report({ code: 'C-1422', place: null, path: ['host_key'], message, fixes });
  }
  return configuration;
}

function reportSecond(input: { text: string; report: Report; before: YamlEntry; entry: YamlEntry }): void {
  const { text, report, before, entry } = input;
  const isSame =
    before.value.kind === 'text' && entry.value.kind === 'text' && before.value.text === entry.value.text;
  report({
    code: 'C-1103',
    place: entry,
    path: [entry.name],
    message: isSame ? 'appears here a second time' : 'appears here a second time, with another value',
    fixes: isSame ? createSingleFix('Remove the second one', removeEntry(text, entry)) : [],
  });
}

/** Reports unknown keys. Returns the known keys that the unknown keys are probably meant to be. */
function lintUnknown(
  lint: Lint,
  found: {
    unknown: readonly YamlEntry[];
    /**
     * Names that occur more than once. They get no fix, because only a person can decide which entry is
     * right.
     */
    duplicateNames: ReadonlySet<string>;
    present: ReadonlyMap<string, YamlEntry>;
  },
): Set<string> {
  const { text, report } = lint;
  const { unknown, duplicateNames, present } = found;
  const renamed = new Set<string>();
  for (const entry of unknown) {
    const free = connectYamlKeys.filter((key) => !present.has(key) && !renamed.has(key));
    const meant = entry.isWord ? findNearest(entry.name, free) : null;
    const fixes: ConnectYamlFix[] = [];
    if (meant !== null && !duplicateNames.has(entry.name) && isNoWorse(lint, meant, entry)) {
      renamed.add(meant);
      fixes.push(...createSingleFix(`Write ${meant}`, replaceValue(text, entry, meant)));
    }
    const known = connectYamlKeys.join(', ');
    report({
      code: 'C-1102',
      place: entry,
      path: [entry.name],
      message: meant === null ? `unknown key; known keys: ${known}` : `unknown key; did you mean ${meant}?`,
      fixes,
    });
  }
  return renamed;
}

/**
 * Whether renaming this entry to `key` adds no error. If `key` is required and missing, its absence counts as
 * one error.
 */
function isNoWorse(lint: Lint, key: UpperKey, entry: YamlEntry): boolean {
  const probe = createFindings(lint.text);
  const inner = { ...lint, report: probe.report };
  if (key === 'repositories') lintRepositories(inner, entry);
  else lintText(inner, key, entry);
  const errors = probe.findings().filter(({ severity }) => severity === 'error').length;
  return errors <= (requiredConnectYamlKeys.some((required) => required === key) ? 1 : 0);
}

/** The text of a top-level key, or null if its value is not text. */
function lintText(lint: Lint, key: Exclude<UpperKey, 'repositories'>, entry: YamlEntry): string | null {
  const { text, context, report } = lint;
  const { value } = entry;
  const path = [key];
  const place = value.from === value.to ? entry : value;
  if (value.kind === 'empty') {
    report({ code: 'C-1105', place, path, message: 'has no value' });
    return null;
  }
  if (value.kind === 'other-scalar') {
    const source = text.slice(value.from, value.to);
    const isGood = valueFaults(key, source, context).length === 0;
    const edit = { from: value.from, to: value.to, text: JSON.stringify(source) };
    report({
      code: 'C-1106',
      place,
      path,
      message: 'must be text',
      fixes: isGood ? createSingleFix('Put it in quotes', edit) : [],
    });
    return null;
  }
  if (value.text === null) {
    report({ code: 'C-1101', place, path, message: 'must be text, not a list or map' });
    return null;
  }
  for (const fault of valueFaults(key, value.text, context))
    report({
      code: fault.code,
      place,
      path,
      message: fault.message,
      fixes: fault.fixed.map((fixed) => ({
        title: fixed.title,
        edits: [replaceValue(text, value, fixed.value)],
        isSafe: fixed.isGuess !== true,
      })),
    });
  return value.text;
}

/** Throws AppError INVALID_INPUT, whose message names the first error and whose detail lists all findings. */
export function parseConnectYaml(text: string): ConnectConfiguration {
  const { configuration, findings } = lintConnectYaml(text);
  if (configuration !== null) return configuration;
  const first = findings.find((finding) => finding.severity === 'error');
  throw new AppError(
    'INVALID_INPUT',
    first === undefined ? 'connect.yaml can’t be read' : formatConnectYamlFinding(first),
    { detail: { findings } },
  );
}
