import type { z } from 'zod';
import {
  applianceInputSchema,
  changedFields,
  type ApplianceEntry,
  type ApplianceInput,
  type SshTarget,
} from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ImportCandidate, ImportedHop } from '../../src-shared/model/appliance/importCandidate.ts';
import {
  maxImportedAppliances,
  type ImportPreview,
  type ImportRow,
} from '../../src-shared/model/appliance/importRow.ts';
import { shorten } from '../../src-shared/base/machineText.ts';
import { isSameAppliance, isSameHop } from './sameAppliance.ts';

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

const newFields = {
  sudo: 'nopasswd',
  legacyAlgorithms: false,
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
    target: targetOf(target, before?.target),
    jumps: candidate.jumps?.map((jump) => targetOf(jump, sameHopIn(jump, before))) ?? before?.jumps ?? [],
  };
}

/**
 * Finds the entry with the same name. Otherwise finds the entry with the same user and server behind the same
 * jump hosts.
 */
function findExisting(
  candidate: ImportCandidate,
  target: ImportedHop,
  entries: readonly ApplianceEntry[],
): ApplianceEntry | undefined {
  const namesake = entries.find(({ name }) => name === candidate.name);
  if (namesake !== undefined) return namesake;
  const way = {
    target: targetOf(target, undefined),
    jumps: (candidate.jumps ?? []).map((jump) => targetOf(jump, undefined)),
  };
  return entries.find((entry) => isSameAppliance(entry, way));
}

const sentenceOf = ({ path, message }: z.core.$ZodIssue) => `${path.join('.')}: ${message}`;

function rowOf(candidate: ImportCandidate, entries: readonly ApplianceEntry[]): ImportRow {
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
  const twin = entries.find((entry) => entry.id !== before?.id && isSameAppliance(entry, appliance));
  if (twin !== undefined) return invalid([`${twin.name} already has this address`]);
  const changes = before === undefined ? [] : changedFields(before, appliance);
  const state = before === undefined ? 'new' : changes.length === 0 ? 'same' : 'changed';
  const existing = before === undefined ? null : { id: before.id, name: before.name };
  return { place, name, state, existing, changes, appliance, problems: [] };
}

/** If two rows have the same name or address, marks the second one as invalid. */
function markDuplicates(rows: readonly ImportRow[]): ImportRow[] {
  const kept: ImportRow[] = [];
  for (const row of rows) {
    const { appliance } = row;
    const twin = kept.find(
      (earlier) =>
        appliance !== null &&
        earlier.appliance !== null &&
        (earlier.appliance.name === appliance.name || isSameAppliance(earlier.appliance, appliance)),
    );
    kept.push(
      twin === undefined
        ? row
        : {
            ...row,
            state: 'invalid',
            appliance: null,
            changes: [],
            problems: [`${twin.place} has the same name or address`],
          },
    );
  }
  return kept;
}

/** Returns what an import would change, without importing anything. Pure. */
export function previewImport(
  read: { candidates: readonly ImportCandidate[]; problems: readonly string[] },
  entries: readonly ApplianceEntry[],
): ImportPreview {
  const left = read.candidates.length - maxImportedAppliances;
  const problems = [
    ...read.problems,
    ...(left > 0
      ? [`At most ${maxImportedAppliances} appliances can be imported at once; ${left} were skipped.`]
      : []),
  ];
  return {
    rows: markDuplicates(
      read.candidates.slice(0, maxImportedAppliances).map((candidate) => rowOf(candidate, entries)),
    ),
    problems: problems.slice(0, maxProblems).map((problem) => shorten(problem, maxText)),
  };
}
