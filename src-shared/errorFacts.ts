import { z } from 'zod';
import { hostKeySchema } from './model/appliance/hostKey.ts';
import { knownHostsAnswerSchema } from './model/appliance/knownHostsAnswer.ts';
import type { ExitCode, KeExitCode } from './exitCodes.ts';
import { portSchema } from './model/tenants/ports.ts';

/** The key that a hop offered and the pinned key, to compare and to decide. */
export const hostKeyDetailSchema = z.object({
  hop: z.string(),
  /** Absent if only the name of the hop is known. */
  host: z.string().optional(),
  port: portSchema.optional(),
  offered: hostKeySchema,
  pinned: hostKeySchema.nullable(),
  knownHosts: knownHostsAnswerSchema.optional(),
});

/**
 * A command and its raw output, which the page shows marked as unparsed. The console never guesses the
 * output's format.
 */
export const unparsedDetailSchema = z.object({
  command: z.string(),
  /** As the appliance printed it. Show it only through `visibleText`. */
  text: z.string(),
  truncated: z.boolean(),
  /** False if the appliance's kit is so old that it doesn't support `--json`. */
  knowsJson: z.boolean(),
  /** Why the output could not be parsed, as a sentence for users. */
  reason: z.string(),
});

export type LinkFault = 'address' | 'host key' | 'algorithms' | 'login' | 'vault';

/** Everything the project knows about one error code. */
export type ErrorFacts = {
  /** Whether the same request, unchanged, can succeed later. */
  retryable: boolean;
  exitCode: ExitCode;
  /** The exit code of a `ke_*` command that fails with this error; `failed` by default. */
  keExitCode?: KeExitCode;
  /** True if the appliance or the SSH session rejects a change before anything is changed. */
  changedNothing?: true;
  /**
   * True if the change's command certainly no longer runs: it was never sent, or the console saw its end.
   */
  commandHasEnded?: true;
  /** True for a problem of the connection itself, which says nothing about the appliance's answers. */
  isLinkProblem?: true;
  /**
   * True if the appliance's answer was unusable. The console then polls it less often, because each answer
   * costs work.
   */
  isBadAnswer?: true;
  /** Which part of the connection failed. */
  linkFault?: LinkFault;
  /** Short label for a connection that was stopped by this error. */
  stoppedLabel?: string;
  /** Schema of the error's `detail`. By default, any record is valid. */
  detail?: z.ZodType;
  meaning: string;
  remedy: string;
};
