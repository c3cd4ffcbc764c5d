import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { licencePingSchema } from '../licence/authorityApi.ts';
import { licenceShowOutputSchema } from '../licence/licence.ts';
import { importOutputSchema, sentRecordSchema } from '../licence/licenceCommands.ts';
import { changeCauseSchema } from './changeCause.ts';
import { maxConfigurationBytes } from './configurationLimits.ts';

const contract = z.literal(1);

/** Identifies a content of the file on this appliance, for `--unchanged-since`. Keyed, so that it reveals no secret. */
export const configurationDigestSchema = z.string().regex(/^[\da-f]{64}$/u);

const versionSchema = z.object({
  number: z.int().positive(),
  keptAt: instantSchema,
  /** `found`: changed on the appliance without the commands. */
  origin: z.enum(['found', 'file', 'licence', 'rollback']),
  revision: z.int().nonnegative(),
  digest: configurationDigestSchema,
  isInstalled: z.boolean(),
  /** Null if it is not known. Absent from an older kit. */
  cause: changeCauseSchema.nullable().optional(),
});

/** A masked secret may be longer than the secret. */
const maskedTextSchema = z.string().max(4 * maxConfigurationBytes);
const changesSchema = z
  .array(
    z.object({
      path: z.string().max(2048),
      kind: z.enum(['added', 'removed', 'changed']),
      before: z.string().max(512).nullable(),
      after: z.string().max(512).nullable(),
    }),
  )
  .max(500);
const problemSchema = z.object({ path: z.string().max(2048), message: z.string().max(512) });

/** Output of `ke_update_configuration show [--version NUMBER] --json` **[ours]**. */
export const configurationShowSchema = z.object({
  contract,
  path: z.string().max(4096),
  /** The content with masked secrets. */
  text: maskedTextSchema,
  digest: configurationDigestSchema,
  revision: z.int().nonnegative(),
  /**
   * The masked secrets. `mark` is keyed by the appliance and the path: it tells whether two contents have the same secret
   * there, and nothing else. `setAt` is null if no kept version has another secret there.
   */
  secrets: z
    .array(
      z.object({
        path: z.string().max(2048),
        mark: z.string().regex(/^[\da-f]{16}$/u),
        setAt: instantSchema.nullable(),
      }),
    )
    .max(5000),
  /** What was changed in the file without the commands since they last changed it. Null if nothing, or if they never did. */
  drift: z.object({ changedAt: instantSchema, changes: changesSchema }).nullable(),
  versions: z.array(versionSchema).max(16),
  /** Changes take `--by` and `--reason`, and keep them with the version. Absent from an older kit. */
  keepsCause: z.literal(true).optional(),
});
export type ConfigurationShow = z.infer<typeof configurationShowSchema>;

/** Output of `ke_update_configuration history --json`: the kept versions, newest first **[ours]**. */
export const configurationHistorySchema = z.object({ contract, versions: z.array(versionSchema).max(16) });
export type ConfigurationHistory = z.infer<typeof configurationHistorySchema>;

/**
 * The appliance's own record of its exchange with the authority. `ping`: exactly the sent fields, the key masked; null
 * if no ping was sent. Bytes are those of the bodies.
 */
export const exchangeSchema = z.object({
  url: z.string().max(512),
  /** Everything that was sent, in order. */
  sent: z.array(sentRecordSchema).max(8),
  /** The fetched licence as `show` prints an installed one. Null if it can't be verified, and after a ping alone. */
  offered: licenceShowOutputSchema.nullable(),
  ping: licencePingSchema.nullable(),
  sentBytes: z.int().nonnegative(),
  receivedBytes: z.int().nonnegative(),
  /** The number of the open request that this one made void. */
  voidedRequest: z.int().positive().nullable(),
  /** The ids of losses that were not accepted: the licence was then only checked. Absent from an older kit and a ping. */
  unacceptedLosses: z.array(z.string().max(128)).max(512).optional(),
  /** Why no ping was sent in connected mode. Null otherwise. */
  pingProblem: z.string().max(512).nullable(),
  /** Why the receipt was not delivered. Null if it was, or if nothing was installed. */
  receiptProblem: z.string().max(512).nullable(),
});
export type AuthorityExchange = z.infer<typeof exchangeSchema>;

/**
 * Output of `ke_update_configuration [--offline FILE] [--dry-run]` and `rollback`, with `--json` **[ours]**. If the
 * candidate is refused, the command prints this too and fails.
 */
export const configurationOutputSchema = z.object({
  contract,
  outcome: z.enum(['applied', 'acceptable', 'refused', 'unchanged']),
  problems: z.array(problemSchema).max(64),
  changes: changesSchema,
  /** The content that is installed after the command. Null if there is no file. */
  digest: configurationDigestSchema.nullable(),
  revision: z.int().nonnegative(),
  /** The result for the licence, if a signed licence was the candidate. */
  licence: importOutputSchema.nullable(),
  /** What the appliance sent to the authority. Absent if it sent nothing. */
  exchange: exchangeSchema.optional(),
});
export type ConfigurationOutput = z.infer<typeof configurationOutputSchema>;
