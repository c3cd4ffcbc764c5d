import type { Readable } from 'node:stream';
import type { Appliance } from '../core/appliance.ts';

/**
 * A `ke_*` command. `words` are the arguments after its name. Resolves on success and throws AppError
 * otherwise.
 */
export type KeCommand = (call: {
  words: readonly string[];
  appliance: Appliance;
  stdin: Readable;
  /**
   * `note` writes to stderr. It is for information that is no error and must not be mixed into the output.
   */
  print: {
    json: (value: unknown) => void;
    line: (text: string) => void;
    note: (text: string) => void;
    /** Writes exactly these characters and waits until they are written. Rejects with COMMAND_FAILED if the reader ends. */
    exact: (text: string | Buffer) => Promise<void>;
  };
}) => Promise<void>;
