import { setInterval as every } from 'node:timers/promises';
import { loadConfig } from '../core/config.ts';
import { isRunning, readStat, readUserId } from '../core/procfs/procfs.ts';
import { forgetRegistrarRecord, loadRegistrarRecords } from '../core/sessions/registrarRecords.ts';
import { saveServiceRecord, serviceName, serviceRecordEveryMs } from '../core/sessions/serviceRecord.ts';
import { createChannels, sweepMs } from './channels.ts';
import { createForwardLog } from './forwardLog.ts';
import { openGate } from './gate.ts';
import { createLogins } from './logins.ts';
import { maxTenantSessions } from '../../src-shared/model/tenants/listLimits.ts';
import { createLookUps } from './lookUps.ts';
import { createNotices } from './notices.ts';
import { channelSocketPath, lookUpSocketPath } from './sockets.ts';
import { createServiceLog } from './syslog.ts';
import { race } from '../../src-shared/base/race.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/*
 * The appliance's service, `service.mjs CONFIG CLIENT_PROGRAM`. It answers sshd's key look-ups and serves the
 * tenants' session channels. Runs as `sallyport`, without privileges. All its state is in the run folder, so
 * it may be restarted at any time: clients reconnect, and no tunnel is interrupted.
 */
const forwardsMs = secondMs;

async function sweepSessions(runFolder: string): Promise<void> {
  for (const record of loadRegistrarRecords(runFolder)) {
    const session = { pid: record.sessionPid, startTicks: record.sessionStartTicks };
    if (!(await isRunning(session))) forgetRegistrarRecord(runFolder, record.sessionPid);
  }
}

/**
 * How long the service tries to write its last log lines. The log may be blocked, and systemd and init wait
 * only five seconds.
 */
const maxDrainMs = 2 * secondMs;

/** Runs `work` regularly until the signal aborts. After an error, logs it and continues. */
async function repeat(
  work: () => Promise<void> | void,
  options: { everyMs: number; onFailure: (error: unknown) => void; signal: AbortSignal },
): Promise<void> {
  const { everyMs, onFailure, signal } = options;
  try {
    for await (const _ of every(everyMs, undefined, { signal }))
      await Promise.resolve().then(work).catch(onFailure);
  } catch {
    // Aborted: stop repeating.
  }
}

async function main(): Promise<void> {
  const [configPath, clientProgram] = process.argv.slice(2);
  if (configPath === undefined || clientProgram === undefined)
    throw new Error('usage: service.mjs CONFIG CLIENT_PROGRAM');
  process.title = serviceName;
  const config = loadConfig(configPath);
  const { runFolder } = config;
  const { log, drain } = createServiceLog();
  const connectUserId = await readUserId(config.connectUser);
  if (connectUserId === null) throw new Error(`there is no system user ${config.connectUser}`);
  const logins = createLogins({ runFolder, connectUserId });
  const parts = { config, logins, log, now: Date.now };
  const channels = createChannels({ ...parts, maxSessions: maxTenantSessions });
  const lookUps = createLookUps({ ...parts, channels, clientProgram });
  const notices = createNotices(log);
  /**
   * Logs a failure through `notices`, which limits the lines: an error may occur many times a second, e.g. if
   * the run folder is full.
   */
  const sayFailed = (what: string) => (error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown';
    notices.say(what, 'err', `${what} failed: ${reason}`);
  };
  const onFailure = sayFailed('a request');
  await openGate({ path: lookUpSocketPath(runFolder), mode: 0o600, onRequest: lookUps.answer, onFailure });
  await openGate({ path: channelSocketPath(runFolder), mode: 0o660, onRequest: channels.answer, onFailure });
  const own = await readStat(process.pid);
  const mark = () =>
    saveServiceRecord(runFolder, {
      pid: process.pid,
      startTicks: own?.startTicks ?? 0,
      at: new Date().toISOString(),
    });
  const onMarkFailure = sayFailed('storing the record of the service');
  try {
    mark();
  } catch (error) {
    onMarkFailure(error);
  }
  log('info', 'the service is ready');
  const forwards = createForwardLog({ config, connectUserId, channels, log });
  const sweep = async () => {
    await channels.sweep();
    await logins.sweep();
    await sweepSessions(runFolder);
  };
  const ending = new AbortController();
  const { signal } = ending;
  const loops = [
    repeat(mark, { everyMs: serviceRecordEveryMs, onFailure: onMarkFailure, signal }),
    repeat(forwards.check, { everyMs: forwardsMs, onFailure: sayFailed('watching the forwards'), signal }),
    repeat(sweep, { everyMs: sweepMs, onFailure: sayFailed('cleaning up'), signal }),
  ];
  // Write all log lines before exiting, because forwards.json lists them as logged. Clients reconnect to the
  // next service.
  const end = async (): Promise<void> => {
    ending.abort();
    await race(Promise.all(loops).then(drain), { timeoutMs: maxDrainMs, onTimeout: () => undefined });
    process.exit(0);
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => void end());
}

main().catch((error: unknown) => {
  process.stderr.write(`service: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
