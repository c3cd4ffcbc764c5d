import { setInterval as every } from 'node:timers/promises';
import { loadConfig } from '../core/config.ts';
import { isRunning, readStat, readUserId } from '../core/procfs.ts';
import { forgetRegistrarRecord, loadRegistrarRecords } from '../core/registrarRecords.ts';
import { saveServiceRecord, serviceName, serviceRecordEveryMs } from '../core/serviceRecord.ts';
import { createChannels } from './channels.ts';
import { createForwardLog } from './forwardLog.ts';
import { openGate } from './gate.ts';
import { createLogIns } from './logIns.ts';
import { createLookUps, maxSessions } from './lookUps.ts';
import { createNotices } from './notices.ts';
import { channelSocketPath, lookUpSocketPath } from './sockets.ts';
import { createServiceLog } from './syslog.ts';

/*
 * The appliance's service, `service.mjs CONFIG CLIENT_PROGRAM`: answers sshd's key look-ups and holds the tenants'
 * session channels. Runs as `sallyport`, without any privilege. Whatever it knows is in the run folder too, so that it
 * may end at any instant and be started again: the clients come back, and no tunnel notices.
 */
const sweepMs = 5_000;
const forwardsMs = 1_000;

async function sweepSessions(runFolder: string): Promise<void> {
  for (const record of loadRegistrarRecords(runFolder)) {
    const session = { pid: record.sessionPid, startTicks: record.sessionStartTicks };
    if (!(await isRunning(session))) forgetRegistrarRecord(runFolder, record.sessionPid);
  }
}

/** One after the other; what fails once is tried again. */
async function repeat(milliseconds: number, work: () => Promise<void>): Promise<void> {
  for await (const _ of every(milliseconds)) await work().catch(() => undefined);
}

async function main(): Promise<void> {
  const [configPath, clientProgram] = process.argv.slice(2);
  if (configPath === undefined || clientProgram === undefined)
    throw new Error('usage: service.mjs CONFIG CLIENT_PROGRAM');
  process.title = serviceName;
  const config = loadConfig(configPath);
  const { runFolder } = config;
  const log = createServiceLog(config.syslogSocket);
  const connectUserId = await readUserId(config.connectUser);
  if (connectUserId === null) throw new Error(`there is no system user ${config.connectUser}`);
  const logIns = createLogIns({ runFolder, connectUserId });
  const parts = { config, logIns, log, now: Date.now };
  const channels = createChannels({ ...parts, maxSessions });
  const lookUps = createLookUps({ ...parts, channels, clientProgram });
  const notices = createNotices(log);
  const onFailure = (error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown';
    notices.say('failed', 'err', `a request failed: ${reason}`);
  };
  await openGate({ path: lookUpSocketPath(runFolder), mode: 0o600, onRequest: lookUps.answer, onFailure });
  await openGate({ path: channelSocketPath(runFolder), mode: 0o660, onRequest: channels.answer, onFailure });
  const own = await readStat(process.pid);
  const mark = () =>
    saveServiceRecord(runFolder, {
      pid: process.pid,
      startTicks: own?.startTicks ?? 0,
      at: new Date().toISOString(),
    });
  mark();
  setInterval(mark, serviceRecordEveryMs);
  log('info', 'the service is ready');
  const forwards = createForwardLog({ config, connectUserId, channels, log });
  void repeat(forwardsMs, forwards.look);
  await repeat(sweepMs, async () => {
    await channels.sweep();
    await logIns.sweep();
    await sweepSessions(runFolder);
  });
}

// Nothing needs to be finished or told: clients that lose their socket come back to the next service.
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => process.exit(0));

main().catch((error: unknown) => {
  process.stderr.write(`service: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
