import type { ConnectLog } from './log.ts';
import type { AssignedForward } from './portAssignment.ts';
import type { ConnectSettings } from './settings.ts';
import { reconnectDelay } from './backOff.ts';
import { openConnection, type Connection } from './connection.ts';

export type Supervisor = {
  /** Takes over new settings. Only a new appliance, key or address costs the connection. */
  reload: (settings: ConnectSettings) => void;
  stop: () => void;
  /** Resolves once all is closed: `stopped`, or `host-key` when the appliance is not the known one. */
  ended: Promise<'stopped' | 'host-key'>;
};

function identityOf({ configuration, privateKey }: ConnectSettings): string {
  return JSON.stringify([
    configuration.appliance,
    configuration.hostKey,
    configuration.bindAddress,
    privateKey,
  ]);
}

/** Keeps one connection to the appliance, again and again, until told to stop. */
export function superviseConnection(options: { settings: ConnectSettings; log: ConnectLog }): Supervisor {
  const { log } = options;
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

  const run = async (): Promise<'stopped' | 'host-key'> => {
    let failures = 0;
    let assigned: readonly AssignedForward[] = [];
    while (!stopping.signal.aborted) {
      const { host, port } = settings.configuration.appliance;
      log('info', `connecting to ${host}:${port}`);
      connection = openConnection({ settings, assigned, log });
      const end = await connection.closed;
      assigned = connection.assigned();
      connection = null;
      if (end.kind === 'host-key') return 'host-key';
      if (stopping.signal.aborted) break;
      if (end.kind === 'stopped') continue;
      failures = end.welcomed ? 1 : failures + 1;
      const delay = end.kind === 'renew' ? 0 : reconnectDelay(failures);
      log(
        end.kind === 'renew' ? 'info' : 'warn',
        `${end.message}; trying again in ${(delay / 1000).toFixed(1)} s`,
      );
      await pause(delay);
    }
    return 'stopped';
  };

  return {
    ended: run(),
    reload: (changed) => {
      const stays = identityOf(settings) === identityOf(changed);
      settings = changed;
      if (stays) connection?.apply(changed.configuration.repositories);
      else connection?.stop();
      wake?.();
    },
    stop: () => {
      stopping.abort();
      connection?.stop();
      wake?.();
    },
  };
}
