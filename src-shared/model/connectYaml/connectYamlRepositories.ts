import {
  formatRepositoryUri,
  readRepositoryUri,
  type ConnectRepository,
  type RepositoryUri,
} from './connectYaml.ts';
import {
  createSingleFix,
  removeEntry,
  replaceValue,
  formatYamlScalar,
  type YamlEntry,
} from './connectYamlDocument.ts';
import type { ConnectYamlFix, Report } from './connectYamlFinding.ts';
import { withLookAlike } from '../../base/lookAlikes.ts';
import { isPlainLine, removeInvisibleCharacters } from '../../base/machineText.ts';
import { repositoryFaults, type ConnectYamlContext } from './connectYamlValues.ts';

type Lint = { text: string; context: ConnectYamlContext; report: Report };

const maxName = 128;

const byCodeUnit = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

type Found = ConnectRepository & { entry: YamlEntry; isAlone: boolean };

/**
 * Checks groups and repositories. Returns the readable repositories, sorted by group and name in code-unit
 * order.
 */
export function lintRepositories(lint: Lint, upper: YamlEntry): ConnectRepository[] {
  const { report } = lint;
  const { value } = upper;
  if (value.kind !== 'map') {
    report({
      code: value.kind === 'empty' ? 'C-1204' : 'C-1202',
      place: value.from === value.to ? upper : value,
      path: ['repositories'],
      message: value.kind === 'empty' ? 'lists no group' : 'must list groups',
    });
    return [];
  }
  if (value.entries.length === 0)
    report({ code: 'C-1204', place: value, path: ['repositories'], message: 'lists no group' });
  const seconds = lintNames(lint, value.entries, ['repositories']);
  const repositories = value.entries.flatMap((group) => {
    const members = lintGroup(lint, group);
    return seconds.has(group) ? [] : members;
  });
  lintDestinations(lint, repositories);
  lintCount(lint, value.entries);
  return repositories
    .map(({ group, repository, uri }) => ({ group, repository, uri }))
    .sort(
      (left, right) => byCodeUnit(left.group, right.group) || byCodeUnit(left.repository, right.repository),
    );
}

/**
 * Reports if there are more repositories than ports. A repository counts even if its URI can't be read.
 */
function lintCount({ context, report }: Lint, groups: readonly YamlEntry[]): void {
  const repositories = groups.flatMap((group) =>
    group.value.kind === 'map' ? group.value.entries : isUri(group.value) ? [group] : [],
  );
  const ports = context.allottedPorts ?? null;
  const first = ports === null ? undefined : repositories[ports];
  if (first !== undefined)
    report({
      code: 'C-1207',
      place: first,
      path: ['repositories'],
      message: `${repositories.length} repositories, and the tenant has ${ports} ${ports === 1 ? 'port' : 'ports'}`,
    });
}

function isUri(value: YamlEntry['value']): boolean {
  return value.kind === 'text' && (value.text ?? '').includes('://');
}

/** Checks the names on one level. Returns the entries whose names already occurred. */
function lintNames(lint: Lint, entries: readonly YamlEntry[], path: readonly string[]): Set<YamlEntry> {
  const { text, report } = lint;
  const names = new Set(entries.map(({ name }) => name));
  const times = new Map<string, number>();
  for (const { name } of entries) times.set(name, (times.get(name) ?? 0) + 1);
  const seen = new Map<string, { entry: YamlEntry; times: number }>();
  const folded = new Map<string, string>();
  const seconds = new Set<YamlEntry>();
  for (const entry of entries) {
    const { name, isWord } = entry;
    const own = [...path, name];
    const before = seen.get(name);
    if (before !== undefined) {
      seconds.add(entry);
      before.times += 1;
      const isSame = entry.value.kind === 'text' && before.entry.value.text === entry.value.text;
      const free = `${name.slice(0, maxName - 6)}-${before.times}`;
      const fixes = isSame
        ? createSingleFix('Remove the second one', removeEntry(text, entry))
        : names.has(free) || !isWord
          ? []
          : createSingleFix(`Rename it to ${free}`, replaceValue(text, entry, free), false);
      names.add(free);
      report({ code: 'C-1103', place: entry, path: own, message: 'appears here a second time', fixes });
      continue;
    }
    seen.set(name, { entry, times: 1 });
    if (!isWord || name === '' || name.length > maxName || !isPlainLine(name)) {
      const clean = removeInvisibleCharacters(removeInvisibleCharacters(name).slice(0, maxName));
      // No fix if the name occurs twice: a fix would rename only one of the two entries.
      const isFree = isWord && clean !== '' && !names.has(clean) && times.get(name) === 1;
      if (isFree) names.add(clean);
      report({
        code: 'C-1201',
        place: entry,
        path: own,
        message: withLookAlike(
          `a name has 1 to ${maxName} characters, without invisible characters`,
          isPlainLine(name) ? '' : name,
        ),
        fixes: isFree ? createSingleFix(`Rename it to ${clean}`, replaceValue(text, entry, clean)) : [],
      });
    }
    const lower = name.toLowerCase();
    const alike = folded.get(lower);
    if (alike !== undefined)
      report({
        code: 'C-1206',
        place: entry,
        path: own,
        message: `differs from ${alike} only in capital letters`,
      });
    else folded.set(lower, name);
  }
  return seconds;
}

function lintGroup(lint: Lint, group: YamlEntry): Found[] {
  const { text, report } = lint;
  const { value } = group;
  const path = ['repositories', group.name];
  const place = value.from === value.to ? group : value;
  if (value.kind === 'empty') {
    report({ code: 'C-1204', place, path, message: 'lists no repository' });
    return [];
  }
  if (value.kind === 'text') {
    const uri = value.text ?? '';
    const wrapped = `{ ${formatYamlScalar(group.name)}: ${JSON.stringify(uri)} }`;
    // The range of a block scalar includes its last line break.
    const ending = text.slice(value.from, value.to).endsWith('\n') ? '\n' : '';
    const edit = { from: value.from, to: value.to, text: `${wrapped}${ending}` };
    report({
      code: 'C-1202',
      place,
      path,
      message: 'a repository outside a group',
      fixes: isUri(value) ? createSingleFix(`Put it into a group ${group.name}`, edit) : [],
    });
    if (isUri(value)) lintUri(lint, group, path);
    return [];
  }
  if (value.kind !== 'map') {
    report({ code: 'C-1202', place, path, message: 'must list repositories' });
    return [];
  }
  if (value.entries.length === 0) report({ code: 'C-1204', place, path, message: 'lists no repository' });
  const seconds = lintNames(lint, value.entries, path);
  return value.entries.flatMap((entry) => {
    const uri = lintUri(lint, entry, [...path, entry.name]);
    const isAlone = value.entries.length === 1;
    return uri === null || seconds.has(entry)
      ? []
      : [{ group: group.name, repository: entry.name, uri, entry, isAlone }];
  });
}

function lintUri(lint: Lint, entry: YamlEntry, path: readonly string[]): RepositoryUri | null {
  const { text, context, report } = lint;
  const { value } = entry;
  const place = value.from === value.to ? entry : value;
  if (value.kind === 'empty') {
    report({ code: 'C-1105', place, path, message: 'has no URI' });
    return null;
  }
  if (value.kind === 'map' || value.kind === 'list') {
    report({ code: 'C-1203', place, path, message: 'must be one URI' });
    return null;
  }
  const uriText = value.text ?? text.slice(value.from, value.to);
  for (const fault of repositoryFaults(uriText, context))
    report({
      code: fault.code,
      place,
      path,
      message: fault.message,
      fixes: fault.fixed.map((fixed): ConnectYamlFix => ({
        title: fixed.title,
        edits: [replaceValue(text, value, fixed.value)],
        isSafe: fixed.isGuess !== true,
      })),
    });
  const uri = readRepositoryUri(uriText);
  return typeof uri === 'string' ? null : uri;
}

function lintDestinations(lint: Lint, repositories: readonly Found[]): void {
  const first = new Map<string, Found>();
  for (const repository of repositories) {
    const destination = formatRepositoryUri({ ...repository.uri, host: repository.uri.host.toLowerCase() });
    const before = first.get(destination);
    if (before === undefined) {
      first.set(destination, repository);
      continue;
    }
    lint.report({
      code: 'C-1205',
      place: repository.entry.value,
      path: ['repositories', repository.group, repository.repository],
      message: `leads to the same service as ${before.group}.${before.repository}`,
      fixes: repository.isAlone
        ? []
        : createSingleFix('Remove this one', removeEntry(lint.text, repository.entry), false),
    });
  }
}
