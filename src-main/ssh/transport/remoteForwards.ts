import { AppError } from '../../../src-shared/errors.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import type { SshConnection } from '../types.ts';
import { describeError } from './connectError.ts';
import type { ConnectedHop } from './connectHop.ts';

const loopback = '127.0.0.1';
/** If sshd does not confirm in this time that a forward has ended, the connection is ended, and with it the forward. */
const confirmMs = 10 * secondMs;

/** Forwards from ports of the appliance's loopback to this computer. A connection to any other port is rejected. */
export function createRemoteForwards(
  hop: Pick<ConnectedHop, 'client' | 'closed' | 'close'>,
): SshConnection['forwardIn'] {
  const { client } = hop;
  const takers = new Map<number, Parameters<SshConnection['forwardIn']>[0]>();
  client.on('tcp connection', ({ destIP, destPort }, accept, reject) => {
    const take = destIP === loopback ? takers.get(destPort) : undefined;
    if (take === undefined) reject();
    else take(accept());
  });

  function cancel(port: number): Promise<'confirmed'> {
    return new Promise((resolve, reject) => {
      client.unforwardIn(loopback, port, (error) => {
        // ssh2 passes nothing if sshd confirms, in spite of its types.
        if (error == null) resolve('confirmed');
        else reject(error);
      });
    });
  }

  return async (take) => {
    const listening = new Promise<number>((resolve, reject) => {
      client.forwardIn(loopback, 0, (error, port) => {
        if (error == null) resolve(port);
        else reject(error);
      });
    });
    const ended = hop.closed.then((cause) => {
      throw new AppError('LINK_LOST', `The link was lost: ${describeError(cause)}.`, { cause });
    });
    ended.catch(() => undefined);
    let port: number;
    try {
      port = await Promise.race([listening, ended]);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('FORWARD_REFUSED', 'The appliance’s sshd permits no remote forward to this user.', {
        cause,
      });
    }
    takers.set(port, take);
    let closing: ReturnType<Awaited<ReturnType<SshConnection['forwardIn']>>['close']> | null = null;
    const close = async () => {
      takers.delete(port);
      try {
        return await race(Promise.race([cancel(port), ended]), {
          timeoutMs: confirmMs,
          onTimeout: () => {
            throw new AppError('LINK_LOST', 'sshd did not confirm the end of the forward.');
          },
        });
      } catch {
        hop.close();
        return 'connection-ended';
      }
    };
    return { port, close: () => (closing ??= close()) };
  };
}
