import type { Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import { shorten } from '../../src-shared/base/machineText.ts';
import { changeCauseSchema, type ChangeCause } from '../../src-shared/model/configuration/changeCause.ts';
import type { ApplianceConfig } from './config.ts';
import type { Runtime } from './procfs/runtime.ts';
import type { StateLock } from './state/stateLock.ts';
import { join } from 'node:path';
import { createFileLock } from './state/stateLock.ts';

/**
 * Writes a line to the appliance's syslog under the name of `program`. Never log key material. Must not
 * throw.
 */
export type ApplianceLog = (entry: { program: string; severity: Severity; message: string }) => Promise<void>;

const maxAccount = changeCauseSchema.shape.account.maxLength ?? 256;

/** Everything that a command needs. Created by `createAppliance`. */
export type Appliance = {
  config: ApplianceConfig;
  runtime: Runtime;
  log: ApplianceLog;
  lock: StateLock;
  /** Who runs the command, for the log, e.g. `ubuntu via sudo`. */
  caller: string;
  /** Who wants the change and why, as the command was given. */
  stated: { name: string | null; reason: string | null };
  /** Time of the machine's clock, epoch milliseconds. */
  now: () => number;
  /** Called after each file operation of a change of several files, so that tests can stop there. */
  afterFileStep: () => void;
};

/** Who makes the present change and why, to be kept with the new version. */
export const causeOf = ({ caller, stated }: Appliance): ChangeCause => ({
  account: shorten(caller, maxAccount),
  ...stated,
});

/**
 * `lock`: by default a file lock, because several processes share the state. If only one process uses the
 * state folder, as in the lab, `createProcessLock()` is enough.
 */
export function createAppliance(parts: {
  config: ApplianceConfig;
  runtime: Runtime;
  log: ApplianceLog;
  lock?: StateLock;
  caller?: string;
  now?: () => number;
  afterFileStep?: () => void;
}): Appliance {
  return {
    config: parts.config,
    runtime: parts.runtime,
    log: parts.log,
    lock: parts.lock ?? createFileLock({ path: join(parts.config.stateFolder, 'lock'), waitSeconds: 10 }),
    caller: parts.caller ?? 'unknown',
    stated: { name: null, reason: null },
    now: parts.now ?? Date.now,
    afterFileStep: parts.afterFileStep ?? (() => undefined),
  };
}
