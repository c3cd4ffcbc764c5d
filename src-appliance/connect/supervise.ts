import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import type { RememberedPort } from '../core/sessions/registrarProtocol.ts';
import type { ConnectSettings } from './settings.ts';
import { defaultSpreadMs, reconnectDelay } from './backOff.ts';
import { openConnection, type Connection } from './connection.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * Why Connect stopped reconnecting **[ours]**.
 *
 *   stopped   by a command or a signal
 *   denied    the appliance does not accept the key, even after retries
 *   host-key  the appliance's host key is not the expected one
 */
export type SupervisorEnd = 'stopped' | 'denied' | 'host-key';

export type Supervisor = {
  /**
   * Applies new settings and resolves when they are in use. The connection is interrupted only if the
   * appliance, the key or the local address changes.
   */
  reload: (settings: ConnectSettings) => Promise<void>;
  stop: () => void;
  /** Resolves when all connections are closed. */
  ended: Promise<SupervisorEnd>;
};

/**
 * How often to retry after the appliance refused a key that it accepted before, e.g. while the key is being
 * replaced. A key that was never accepted isn't retried, because retries would only fill the appliance's log.
 */
const maxDenials = 3;
/** A connection that lasted less than this counts as a failed attempt. */
const minWorkingMs = 10 * secondMs;

function connectionIdentity({ configuration, privateKey }: ConnectSettings): string {
  return JSON.stringify([
    configuration.appliance,
    configuration.hostKey,
    configuration.bindAddress,
    privateKey,
  ]);
}

/** Keeps a connection to the appliance open. Reconnects until it is stopped or finally refused. */
export function superviseConnection(options: {
  settings: ConnectSettings;
  log: ConnectLog;
  health: HealthRecord;
}): Supervisor {
  const { log, health } = options;
  let settings = options.settings;
  let connection: Connection | null = null;
  let wake: (() => void) | null = null;
  const stopping = new AbortController();

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<SupervisorEnd> => {
    let failures = 0;
    let denials = 0;
    let wasWelcome = false;
    let spreadMs = defaultSpreadMs;
    let remembered: readonly RememberedPort[] = [];
    while (!stopping.signal.aborted) {
      const { host, port } = settings.configuration.appliance;
      log('info', `connecting to ${host}:${port}`);
      health.setConnecting(`${host}:${port}`);
      connection = openConnection({ settings, remembered, log, health });
      const end = await connection.closed;
      remembered = connection.remembered();
      connection = null;
      if (stopping.signal.aborted) break;
      if (end.kind === 'stopped') continue;
      if (end.kind === 'host-key') {
        health.recordError(end.message);
        return 'host-key';
      }
      wasWelcome ||= end.welcomed;
      denials = end.kind === 'denied' ? denials + 1 : end.welcomed ? 0 : denials;
      if (end.kind === 'denied' && (!wasWelcome || denials > maxDenials)) {
        log('error', end.message);
        health.recordError(end.message);
        return 'denied';
      }
      spreadMs = end.spreadMs ?? spreadMs;
      failures = end.livedMs >= minWorkingMs ? 0 : failures + 1;
      const delayMs = end.kind === 'renew' ? 0 : reconnectDelay({ failures, spreadMs });
      log(
        end.kind === 'renew' ? 'info' : 'warn',
        `${end.message}; trying again in ${(delayMs / 1000).toFixed(1)} s`,
      );
      health.setWaiting({ message: end.message, delayMs });
      await pause(delayMs);
    }
    return 'stopped';
  };

  return {
    ended: run(),
    reload: async (changed) => {
      const stays = connectionIdentity(settings) === connectionIdentity(changed);
      settings = changed;
      const current = connection;
      wake?.();
      if (stays) await current?.apply(changed.configuration.repositories);
      else current?.stop();
    },
    stop: () => {
      stopping.abort();
      health.setStopping();
      connection?.stop();
      wake?.();
    },
  };
}
