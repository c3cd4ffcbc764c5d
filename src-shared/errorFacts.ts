import { z } from 'zod';
import { hostKeySchema } from './model/appliance/hostKey.ts';
import { knownHostsAnswerSchema } from './model/appliance/knownHosts.ts';
import type { ExitCode, KeExitCode } from './exitCodes.ts';
import { portSchema } from './model/tenants/ports.ts';

/** The key that a hop offered and the pinned one, to compare and to go on with. */
export const hostKeyDetailSchema = z.object({
  hop: z.string(),
  /** Absent if only the name of the hop is known. */
  host: z.string().optional(),
  port: portSchema.optional(),
  offered: hostKeySchema,
  pinned: hostKeySchema.nullable(),
  knownHosts: knownHostsAnswerSchema.optional(),
});

/** What was run and the raw text, to be shown marked as unparsed. The layout is never guessed. */
export const unparsedDetailSchema = z.object({
  command: z.string(),
  /** As the appliance printed it; shown only through `visibleText`. */
  text: z.string(),
  truncated: z.boolean(),
  /** False for an appliance from before `--json`. */
  knowsJson: z.boolean(),
  /** What is wrong with it, for people. */
  reason: z.string(),
});

export type LinkFault = 'address' | 'host key' | 'algorithms' | 'login';

/** Everything that the project knows about one error code. */
export type ErrorFacts = {
  /** Whether trying the same again, unchanged, can help. */
  retryable: boolean;
  exitCode: ExitCode;
  /** The exit code of a `ke_*` command that fails with it; by default `failed`. */
  keExitCode?: KeExitCode;
  /** The appliance or the session refused a change before anything was changed. */
  changedNothing?: true;
  /** The command of a change was never sent, or its end was seen: it doesn't run on. */
  hasEnded?: true;
  /** The connection's own trouble: it says nothing about the appliance's answers. */
  linkTrouble?: true;
  /** An answer that cost work and gave nothing: the appliance is asked less often. */
  badAnswer?: true;
  /** Which part of a connection failed. */
  linkFault?: LinkFault;
  /** Short label of a connection that stopped with it. */
  stoppedLabel?: string;
  /** By default any record. */
  detail?: z.ZodType;
  meaning: string;
  remedy: string;
};
