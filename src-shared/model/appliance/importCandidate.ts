import type { ApplianceInput } from './applianceEntry.ts';

/**
 * One SSH server of an import. Without a `keyFile`, an existing entry keeps its login methods and a new entry uses the
 * agent.
 */
export type ImportedHop = { host: string; port: number; user: string; keyFile: string | null };

/** An appliance as a file describes it, not yet validated. */
export type ImportCandidate = {
  /** File and line, as text for users. */
  place: string;
  name: string;
  /** Null if it can't be read; `problems` contains the reason. */
  target: ImportedHop | null;
  /** Null if the file says nothing about jump hosts. */
  jumps: ImportedHop[] | null;
  /** The other fields in the file. Fields that it doesn't mention keep their values. */
  fields: Partial<Pick<ApplianceInput, 'group' | 'cluster' | 'tags' | 'description'>>;
  /** Reasons why it can't be imported; sentences without a full stop. */
  problems: string[];
};
