import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { errorDataSchema } from '../../errors.ts';
import { configurationOutputSchema } from '../configuration/configurationCommands.ts';
import { licenceShowOutputSchema } from './licence.ts';
import { authorityOutputSchema } from './licenceCommands.ts';
import { licenceChangeSchema, maxLicenceChanges, tripLossSchema } from './trip.ts';

/**
 * The limits of a connected window **[ours]**. An update has three short connections of a few kilobytes each, and a
 * document has at most 64 KiB. `bytes` counts both ways together.
 */
export const windowLimits = {
  seconds: { least: 10, usual: 60, most: 300 },
  bytes: 1024 * 1024,
  connections: { open: 4, total: 16 },
} as const;

export const windowSecondsSchema = z.int().min(windowLimits.seconds.least).max(windowLimits.seconds.most);

/** What a window would do, to be confirmed before it is opened. */
export const windowPlanSchema = z.object({
  applianceName: z.string(),
  /** Where this computer connects to, as the appliance's settings say, and what the appliance sends there. */
  authority: authorityOutputSchema,
  /** The command on the appliance; PORT is chosen by its sshd. */
  command: z.string(),
  installed: licenceShowOutputSchema,
  /** The open renewal whose request becomes void. */
  voidedTrip: z.string().nullable(),
  /** What is unusual about the authority's address; empty if nothing is. */
  warnings: z.array(z.string()),
});
export type WindowPlan = z.infer<typeof windowPlanSchema>;

export const windowEndSchema = z.enum([
  'command-ended',
  'cancelled',
  'time',
  'bytes',
  'link-lost',
  'policy',
  'console-ended',
]);
export type WindowEnd = z.infer<typeof windowEndSchema>;

/** Proof that a window is closed. */
export const windowClosedSchema = z.object({
  at: instantSchema,
  why: windowEndSchema,
  /** `connection-ended`: sshd ended the forward together with the SSH connection. */
  forward: z.enum(['confirmed', 'connection-ended']),
  /** Whether anything listens on the port, as the appliance said afterwards. Null if it could not be asked. */
  isListening: z.boolean().nullable(),
  /** Connections from this computer to the authority that are still open. */
  openConnections: z.int().nonnegative(),
});
export type WindowClosed = z.infer<typeof windowClosedSchema>;

/**
 * What became of the licence. `acceptable`: the appliance only checked it. `failed`: the licence is the same as before.
 * `rolled-back`: the read-back differed, and the licence before is installed again. `different`: the read-back differed,
 * and it could not be rolled back. `unknown`: it could not be asked.
 */
export const windowResultSchema = z.enum([
  'renewed',
  'acceptable',
  'refused',
  'failed',
  'rolled-back',
  'different',
  'unknown',
]);
export type WindowResult = z.infer<typeof windowResultSchema>;

const finishedSchema = z.object({
  result: windowResultSchema,
  failure: errorDataSchema.nullable(),
  /** What the appliance printed, with its own record of what it sent. */
  output: configurationOutputSchema.nullable(),
  /** The installed licence, read afterwards. Null if it could not be read. */
  installed: licenceShowOutputSchema.nullable(),
  /** From the licence before to the installed one, or to the offered one if it was only checked. */
  changes: z.array(licenceChangeSchema).max(maxLicenceChanges),
  losses: z.array(tripLossSchema.omit({ acknowledged: true })).max(512),
});
export type WindowFinished = z.infer<typeof finishedSchema>;

/** The last connected window of an appliance. */
export const windowViewSchema = z.object({
  applianceName: z.string(),
  host: z.string(),
  port: z.int(),
  isDryRun: z.boolean(),
  openedBy: z.string(),
  startedAt: instantSchema,
  phase: z.enum(['opening', 'open', 'closing', 'closed']),
  /** The port on the appliance's loopback, and when it is closed at the latest. Null before it is open. */
  lent: z.object({ port: z.int(), closesAt: instantSchema }).nullable(),
  /** From the appliance to the authority, and back. */
  sentBytes: z.int().nonnegative(),
  receivedBytes: z.int().nonnegative(),
  connections: z.int().nonnegative(),
  /** The losses that were acknowledged before it was opened. */
  acknowledged: z.array(z.string().max(128)).max(512),
  /** Null while it is open, and if nothing was opened. */
  closed: windowClosedSchema.nullable(),
  /** Null until everything has ended and the licence was read. */
  finished: finishedSchema.nullable(),
});
export type WindowView = z.infer<typeof windowViewSchema>;
