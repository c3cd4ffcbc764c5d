import type { Readable } from 'node:stream';
import type { Appliance } from '../core/appliance.ts';

/**
 * One `ke_*` command. `words` are the arguments after its name. Throws AppError; resolves when it succeeded (exit code
 * 0).
 */
export type KeCommand = (call: {
  words: readonly string[];
  appliance: Appliance;
  stdin: Readable;
  /** `note` writes to stderr: information for the user although the command succeeded. */
  print: { json: (value: unknown) => void; line: (text: string) => void; note: (text: string) => void };
}) => Promise<void>;
