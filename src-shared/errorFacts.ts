import { z } from 'zod';
import { hostKeySchema } from './model/appliance/hostKey.ts';
import { knownHostsAnswerSchema } from './model/appliance/knownHosts.ts';
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

/** The command and its raw output, to be shown marked as unparsed. Its format is never guessed. */
export const unparsedDetailSchema = z.object({
  command: z.string(),
  /** As the appliance printed it; shown only through `visibleText`. */
  text: z.string(),
  truncated: z.boolean(),
  /** False for an appliance from before `--json`. */
  knowsJson: z.boolean(),
  /** The reason as a sentence for users. */
  reason: z.string(),
});

export type LinkFault = 'address' | 'host key' | 'algorithms' | 'login';

/** Everything the project knows about one error code. */
export type ErrorFacts = {
  /** Whether the same request, unchanged, can succeed later. */
  retryable: boolean;
  exitCode: ExitCode;
  /** The exit code of a `ke_*` command that fails with this error; `failed` by default. */
  keExitCode?: KeExitCode;
  /** The appliance or the session refused a change before anything was changed. */
  changedNothing?: true;
  /** The command of a change was never sent, or its end was seen. It is certain that it no longer runs. */
  hasEnded?: true;
  /** A problem of the connection itself. It says nothing about the appliance's answers. */
  linkTrouble?: true;
  /** The answer cost work and was useless, so the appliance is polled less often. */
  badAnswer?: true;
  /** Which part of a connection failed. */
  linkFault?: LinkFault;
  /** Short label of a connection that this error stopped. */
  stoppedLabel?: string;
  /** Any record by default. */
  detail?: z.ZodType;
  meaning: string;
  remedy: string;
};
