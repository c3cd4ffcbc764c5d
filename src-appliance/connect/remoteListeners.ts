import type { Client } from 'ssh2';
import type { HealthRecord } from './health.ts';
import type { ConnectLog } from './log.ts';
import type { AssignedForward } from './portAssignment.ts';
import { formatRepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { secondMs } from '../../src-shared/base/time.ts';

const loopback = '127.0.0.1';
/** How long a reload waits for the appliance to open and close listeners. */
const maxReloadWaitMs = 10 * secondMs;

function describe({ port, repository }: AssignedForward): string {
  return `${port} → ${repository.group}/${repository.repository} ${formatRepositoryUri(repository.uri)}`;
}

/**
 * The listeners of one connection. Each port is opened on loopback, and in a cluster also on the address that
 * the appliance announced.
 */
export function createRemoteListeners(options: {
  client: Pick<Client, 'forwardIn' | 'unforwardIn'>;
  log: ConnectLog;
  health: HealthRecord;
}) {
  const { client, log, health } = options;
  let addresses: readonly string[] = [loopback];
  const bound = new Map<string, { address: string; port: number }>();
  const failed = new Set<string>();
  let unanswered = 0;
  let waiting: (() => void)[] = [];

  const resolveWaiting = (): void => {
    for (const done of waiting.splice(0)) done();
  };
  /** Wraps the callback of a request, so that `waitUntilSettled` waits for the appliance's reply. */
  const awaitAnswer = <Result>(then: (result: Result) => void): ((result: Result) => void) => {
    unanswered += 1;
    return (result) => {
      unanswered -= 1;
      then(result);
      if (unanswered === 0) resolveWaiting();
    };
  };

  const open = (address: string, forward: AssignedForward): void => {
    const { port } = forward;
    const key = `${address} ${port}`;
    if (bound.has(key)) return;
    bound.set(key, { address, port });
    const place = address === loopback ? '' : ` on ${address}`;
    client.forwardIn(
      address,
      port,
      awaitAnswer((error: Error | undefined) => {
        if (error === undefined) {
          failed.delete(key);
          if (address === loopback) health.setBound(port, true);
          log('info', `forward ${describe(forward)}${place}`);
          return;
        }
        bound.delete(key);
        if (failed.has(key)) return;
        failed.add(key);
        const fault = `the appliance did not open port ${port}${place}: ${error.message}`;
        log('warn', fault);
        health.recordError(fault);
      }),
    );
  };

  return {
    /** Opens all forwards on this address too. Called in a cluster. */
    addAddress: (address: string): void => {
      addresses = [loopback, address];
    },
    openMissing: (forwards: readonly AssignedForward[]): void => {
      for (const forward of forwards) for (const address of addresses) open(address, forward);
    },
    closeOthers: (forwards: readonly AssignedForward[]): void => {
      const wanted = new Set(forwards.map(({ port }) => port));
      for (const [key, { address, port }] of bound) {
        if (wanted.has(port)) continue;
        bound.delete(key);
        health.setBound(port, false);
        client.unforwardIn(
          address,
          port,
          awaitAnswer(() => {
            if (address === loopback) log('info', `forward ${port} closed`);
          }),
        );
      }
    },
    /** Resolves when the appliance has replied to all requests, or after a timeout. */
    waitUntilSettled: (): Promise<void> =>
      new Promise((resolve) => {
        if (unanswered === 0) resolve();
        else {
          waiting = [...waiting, resolve];
          setTimeout(resolve, maxReloadWaitMs).unref();
        }
      }),
    resolveWaiting,
  };
}
