import type { ApplianceInput } from './applianceEntry.ts';

/**
 * An SSH server in an import. If `keyFile` is null, an existing entry keeps its login methods, and a new
 * entry uses the agent.
 */
export type ImportedHop = { host: string; port: number; user: string; keyFile: string | null };

/** An appliance as a file describes it, not yet validated. */
export type ImportCandidate = {
  /** File and line, shown to users. */
  place: string;
  name: string;
  /** Null if the target can't be read. `problems` then says why. */
  target: ImportedHop | null;
  /** Null if the file doesn't mention jump hosts. */
  jumps: ImportedHop[] | null;
  /** The name of the credential; null for none. Undefined if the file doesn't mention it. */
  credential?: string | null;
  /** Other fields of the file. A field that the file doesn't mention keeps its value. */
  fields: Partial<Pick<ApplianceInput, 'group' | 'cluster' | 'tags' | 'description' | 'connect'>>;
  /** Why the appliance can't be imported, as sentences without a full stop. */
  problems: string[];
};
