import type { StartOptions } from './arguments.ts';
import type { ControlAnswer } from './controlProtocol.ts';
import { once } from 'node:events';
import { AppError } from '../../src-shared/errors.ts';
import { openControlSocket } from './controlSocket.ts';
import { exitCodes } from './exitCodes.ts';
import { createHealthRecord } from './health.ts';
import { createConnectLog } from './log.ts';
import { openLogFile } from './logFile.ts';
import { loadSettings, type ConnectSettings } from './settings.ts';
import { prepareSocketFolder } from './socketPath.ts';
import { superviseConnection, type Supervisor, type SupervisorEnd } from './supervise.ts';
import { connectVersion } from './version.ts';

const exitCodeOfEnd: Record<SupervisorEnd, number> = {
  stopped: exitCodes.done,
  denied: exitCodes.permissionDenied,
  'host-key': exitCodes.hostKeyChanged,
};

/**
 * Runs Connect in the foreground, for a service manager. Resolves with the exit code. SIGTERM and `stop` end
 * it; SIGHUP and `reload` read the configuration again; SIGHUP also reopens the log file. Throws AppError if
 * Connect can't start.
 */
export async function start(options: StartOptions): Promise<number> {
  const health = createHealthRecord();
  let supervisor: Supervisor | null = null;
  const released = new AbortController();
  const load = (): ConnectSettings => {
    const settings = loadSettings(options.config);
    for (const warning of settings.warnings) log('warn', warning);
    return settings;
  };
  const reload = async (): Promise<ControlAnswer> => {
    try {
      await supervisor?.reload(load());
      log('info', 'configuration reloaded');
      return { outcome: 'done', health: health.read() };
    } catch (error) {
      const fault = error instanceof AppError ? error.message : 'unknown error';
      log('error', `reload failed, nothing changed: ${fault}`);
      return { outcome: 'failed', message: `nothing changed: ${fault}` };
    }
  };
  const stop = async (): Promise<ControlAnswer> => {
    supervisor?.stop();
    if (!released.signal.aborted) await once(released.signal, 'abort');
    return { outcome: 'done', health: health.read() };
  };

  if (options.socket.ownFolder) prepareSocketFolder();
  // Open the socket first: if another Connect is running, this one must not write to the log or contact the
  // appliance.
  const control = await openControlSocket({
    path: options.socket.path,
    answer: async ({ command }) => {
      if (supervisor === null) return { outcome: 'failed', message: 'Connect is still starting' };
      if (command === 'health') return { outcome: 'done', health: health.read() };
      return command === 'stop' ? stop() : reload();
    },
  });
  const logFile = openLogFile({ path: options.logFile, logsToStdout: options.logsToStdout });
  const log = createConnectLog(logFile.write);
  try {
    const settings = load();
    log('info', `Connect ${connectVersion}, process ${process.pid}, socket ${options.socket.path}`);
    supervisor = superviseConnection({ settings, log, health });
    process.on('SIGHUP', () => {
      logFile.reopen();
      void reload();
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
    if (options.exitWithStdin) {
      const end = (): void => void stop();
      process.stdin.on('error', end).on('end', end).resume();
    }
    const ended = await supervisor.ended;
    log('info', 'ended');
    if (ended !== 'stopped' && options.logFile !== null)
      process.stderr.write(`connect: ${health.read().lastError?.message ?? ended}\n`);
    return exitCodeOfEnd[ended];
  } catch (error) {
    // Also log the error, because users look into the log first and may not see stderr.
    if (options.logFile !== null && error instanceof AppError) log('error', error.message);
    throw error;
  } finally {
    await control.close(() => released.abort());
  }
}
