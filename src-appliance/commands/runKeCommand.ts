import type { Readable, Writable } from 'node:stream';
import type { Appliance } from '../core/appliance.ts';

/** Streams and arguments of one command. `argv[0]` is the command's name, e.g. `ke_status`. */
export type KeInvocation = {
  argv: readonly string[];
  appliance: Appliance;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
};
