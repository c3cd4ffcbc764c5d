import type { ApplianceInput } from './applianceEntry.ts';

/** One SSH server of an import. Without a `keyFile` an entry keeps its way to log in, and a new one uses the agent. */
export type ImportedHop = { host: string; port: number; user: string; keyFile: string | null };

/** An appliance as a file describes it, not validated yet. */
export type ImportCandidate = {
  /** Where it stands, for people: file and line. */
  place: string;
  name: string;
  /** Null if it can't be read; `problems` says why. */
  target: ImportedHop | null;
  /** Null if the file says nothing about jump hosts. */
  jumps: ImportedHop[] | null;
  /** What else the file says; other fields of an entry stay as they are. */
  fields: Partial<Pick<ApplianceInput, 'group' | 'cluster' | 'tags' | 'description'>>;
  /** Why it can't be imported; sentences without an end. */
  problems: string[];
};
