import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAppliance, type Appliance } from '../core/appliance.ts';
import { loadConfig } from '../core/config.ts';
import { createProcfsRuntime } from '../core/procfs/procfsRuntime.ts';
import type { Runtime } from '../core/procfs/runtime.ts';
import { readUserId } from '../core/procfs/procfs.ts';
import { openGate } from '../service/gate.ts';
import { createServiceLog } from '../service/syslog.ts';
import { createNotices } from '../service/notices.ts';
import { createAnswers } from './answers.ts';
import { createWatching } from './watching.ts';

/*
 * The appliance's observer, `observer.mjs CONFIG`. It runs as root, because only root sees which session holds which
 * port, and changes nothing. It tells consoles what changed (`ke_watch`) and answers the read commands of scripts, so
 * that neither starts a Node each time. Without anyone who watches, it does nothing.
 */
export const observerName = 'sallyport-observer';

/** Only root may enter the folder of this socket. */
const socketPath = (runFolder: string) => join(runFolder, 'observer', 'socket');

const sshdProgram = '/usr/sbin/sshd';

/** Asks sshd for its version again only when its program has changed. */
function createKnownVersion() {
  let known: { changedAtMs: number; version: string | null } | null = null;
  return async (ask: Runtime['sshdVersion']): Promise<string | null> => {
    const changedAtMs = (await stat(sshdProgram).catch(() => null))?.mtimeMs ?? 0;
    if (known?.changedAtMs !== changedAtMs) known = { changedAtMs, version: await ask() };
    return known.version;
  };
}

async function main(): Promise<void> {
  const [configPath] = process.argv.slice(2);
  if (configPath === undefined) throw new Error('usage: observer.mjs CONFIG');
  process.title = observerName;
  const { log } = createServiceLog();
  const notices = createNotices(log);
  const onFailure = (error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown';
    notices.say('observer', 'err', `the observer failed: ${reason}`);
  };
  const knownVersion = createKnownVersion();
  /** Reads the configuration for each look, as a command does: an administrator may have changed it. */
  const openAppliance = (): Appliance => {
    const config = loadConfig(configPath);
    const own = createProcfsRuntime({ config, now: Date.now });
    const runtime: Runtime = { ...own, sshdVersion: () => knownVersion(own.sshdVersion) };
    return createAppliance({ config, runtime, log: () => Promise.resolve(), caller: observerName });
  };
  const { config } = openAppliance();
  const connectUserId = await readUserId(config.connectUser);
  if (connectUserId === null) throw new Error(`there is no system user ${config.connectUser}`);
  const settingsFolder = dirname(configPath);
  const watching = createWatching({ openAppliance, settingsFolder, connectUserId, onFailure });
  const answers = createAnswers({ openAppliance, watching });
  await openGate({ path: socketPath(config.runFolder), mode: 0o600, onRequest: answers.answer, onFailure });
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => {
      watching.end();
      process.exit(0);
    });
}

main().catch((error: unknown) => {
  process.stderr.write(`observer: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
