import type { z } from 'zod';
import {
  applianceInputSchema,
  changedFields,
  type ApplianceEntry,
  type ApplianceInput,
  type SshTarget,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ImportCandidate, ImportedHop } from '../../src-shared/model/appliance/importCandidate.ts';
import type { ImportPreview, ImportRow } from '../../src-shared/model/appliance/importRow.ts';
import { shorten } from '../../src-shared/base/machineText.ts';
import { isSameHop, routeKeyOf } from './sameAppliance.ts';

const maxProblems = 200;
const maxText = 200;

function authenticationOf(
  keyFile: string | null,
  before: SshTarget | undefined,
): SshTarget['authentication'] {
  if (keyFile !== null && keyFile !== before?.authentication.keyFile)
    return { agent: false, keyFile, password: false, keyboardInteractive: false };
  return (
    before?.authentication ?? { agent: true, keyFile: null, password: false, keyboardInteractive: false }
  );
}

function targetOf({ host, port, user, keyFile }: ImportedHop, before: SshTarget | undefined): SshTarget {
  return { host, port, user, authentication: authenticationOf(keyFile, before) };
}

/** Its secrets are not in the file. A credential that is not known here yet can be added later, under this name. */
function withCredential(target: SshTarget, credential: string | null | undefined): SshTarget {
  if (credential === undefined) return target;
  const { credential: _, ...authentication } = target.authentication;
  if (credential === null) return { ...target, authentication };
  const methods =
    authentication.keyFile === null ? { agent: false, password: true, keyboardInteractive: true } : {};
  return { ...target, authentication: { ...authentication, ...methods, credential } };
}

const newFields = {
  sudo: 'nopasswd',
  legacyAlgorithms: false,
  connect: 'always',
  group: '',
  cluster: '',
  description: '',
  tags: [],
  colour: 'none',
} satisfies Partial<ApplianceInput>;

/** The jump host of the entry that a file names, wherever it stands in the list. Its login belongs to it alone. */
function sameHopIn(jump: ImportedHop, before: ApplianceEntry | undefined): SshTarget | undefined {
  return before?.jumps.find((known) => isSameHop(known, jump));
}

/** The entry after the import. Fields that the file doesn't mention keep their values. */
function mergedInput(candidate: ImportCandidate, target: ImportedHop, before: ApplianceEntry | undefined) {
  const {
    id: _,
    createdAt: __,
    locked: ___,
    ...fields
  } = before ?? { ...newFields, id: '', createdAt: '', locked: false };
  return {
    ...fields,
    ...candidate.fields,
    name: before?.name ?? candidate.name,
    target: withCredential(targetOf(target, before?.target), candidate.credential),
    jumps: candidate.jumps?.map((jump) => targetOf(jump, sameHopIn(jump, before))) ?? before?.jumps ?? [],
  };
}

/** The entries by name and by route, so that a long file doesn't compare each row with each entry. */
function indexEntries(entries: readonly ApplianceEntry[]) {
  const routes = Map.groupBy(entries, routeKeyOf);
  return {
    names: new Map(entries.map((entry) => [entry.name, entry])),
    // Earlier versions allowed several entries with the same route.
    atRoute: (route: Parameters<typeof routeKeyOf>[0]) => routes.get(routeKeyOf(route)) ?? [],
  };
}
type EntryIndex = ReturnType<typeof indexEntries>;

/**
 * Finds the entry with the same name. Otherwise finds the entry with the same user and server behind the same
 * jump hosts.
 */
function findExisting(
  candidate: ImportCandidate,
  target: ImportedHop,
  { names, atRoute }: EntryIndex,
): ApplianceEntry | undefined {
  return names.get(candidate.name) ?? atRoute({ target, jumps: candidate.jumps ?? [] })[0];
}

const sentenceOf = ({ path, message }: z.core.$ZodIssue) => `${path.join('.')}: ${message}`;

function rowOf(candidate: ImportCandidate, entries: EntryIndex): ImportRow {
  const { place, target } = candidate;
  const name = shorten(candidate.name, 64);
  const invalid = (problems: readonly string[]): ImportRow => ({
    place,
    name,
    state: 'invalid',
    existing: null,
    changes: [],
    appliance: null,
    problems: problems.map((problem) => shorten(problem, maxText)),
  });
  if (target === null || candidate.problems.length > 0) return invalid(candidate.problems);
  const before = findExisting(candidate, target, entries);
  const read = applianceInputSchema.safeParse(mergedInput(candidate, target, before));
  if (!read.success) return invalid(read.error.issues.map(sentenceOf));
  const appliance = read.data;
  const twin = entries.atRoute(appliance).find((entry) => entry.id !== before?.id);
  if (twin !== undefined) return invalid([`${twin.name} already has this address`]);
  const changes = before === undefined ? [] : changedFields(before, appliance);
  const state = before === undefined ? 'new' : changes.length === 0 ? 'same' : 'changed';
  const existing = before === undefined ? null : { id: before.id, name: before.name };
  return { place, name, state, existing, changes, appliance, problems: [] };
}

/** If two rows have the same name or address, marks the second one as invalid. */
function markDuplicates(rows: readonly ImportRow[]): ImportRow[] {
  const names = new Map<string, string>();
  const routes = new Map<string, string>();
  return rows.map((row) => {
    if (row.appliance === null) return row;
    const { name } = row.appliance;
    const route = routeKeyOf(row.appliance);
    const place = names.get(name) ?? routes.get(route);
    names.set(name, place ?? row.place);
    routes.set(route, place ?? row.place);
    if (place === undefined) return row;
    const problems = [`${place} has the same name or address`];
    return { ...row, state: 'invalid', appliance: null, changes: [], problems };
  });
}

/** Returns what an import would change, without importing anything. Pure. */
export function previewImport(
  read: { candidates: readonly ImportCandidate[]; problems: readonly string[] },
  entries: readonly ApplianceEntry[],
): ImportPreview {
  const index = indexEntries(entries);
  return {
    rows: markDuplicates(read.candidates.map((candidate) => rowOf(candidate, index))),
    problems: read.problems.slice(0, maxProblems).map((problem) => shorten(problem, maxText)),
  };
}
