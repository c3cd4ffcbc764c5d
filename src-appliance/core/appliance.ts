import type { Severity } from '../../src-shared/model/syslog/syslogLine.ts';
import type { ApplianceConfig } from './config.ts';
import type { Runtime } from './procfs/runtime.ts';
import type { StateLock } from './state/stateLock.ts';
import { join } from 'node:path';
import { createFileLock } from './state/stateLock.ts';

/** Writes one line to the appliance's syslog under the program's name. Never contains key material; must not throw. */
export type ApplianceLog = (entry: { program: string; severity: Severity; message: string }) => Promise<void>;

/** Everything that a command needs. `createAppliance` builds it and `runKeCommand` receives it. */
export type Appliance = {
  config: ApplianceConfig;
  runtime: Runtime;
  log: ApplianceLog;
  lock: StateLock;
  /** The caller for the log, e.g. `ubuntu via sudo`. */
  caller: string;
  /** The machine's clock; epoch milliseconds. */
  now: () => number;
};

/**
 * `lock` is by default the file lock that processes share. If only one process uses a state folder (the lab), it may
 * pass `createProcessLock()`.
 */
export function createAppliance(parts: {
  config: ApplianceConfig;
  runtime: Runtime;
  log: ApplianceLog;
  lock?: StateLock;
  caller?: string;
  now?: () => number;
}): Appliance {
  return {
    config: parts.config,
    runtime: parts.runtime,
    log: parts.log,
    lock: parts.lock ?? createFileLock({ path: join(parts.config.stateFolder, 'lock'), waitSeconds: 10 }),
    caller: parts.caller ?? 'unknown',
    now: parts.now ?? Date.now,
  };
}
