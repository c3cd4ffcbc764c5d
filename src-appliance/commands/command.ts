import type { Readable } from 'node:stream';
import type { Appliance } from '../core/appliance.ts';

/** One `ke_*` command. `words` are its arguments behind its name. Throws AppError; resolves when done (exit code 0). */
export type KeCommand = (call: {
  words: readonly string[];
  appliance: Appliance;
  stdin: Readable;
  /** `note` goes to stderr: what a person should know although the command succeeded. */
  print: { json: (value: unknown) => void; line: (text: string) => void; note: (text: string) => void };
}) => Promise<void>;
