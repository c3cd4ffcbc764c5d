import type { Socket } from 'node:net';
import { race } from '../../../../src-shared/base/race.ts';
import { answerTimeoutMs } from './connection.ts';

/** Resolves once the network took all bytes. Rejects if the connection breaks, nothing is taken for 30 s, or `signal` aborts. */
export async function writeAll(socket: Socket, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const written = Promise.withResolvers<void>();
  const onClose = () => written.reject(new Error('the connection broke while something was sent'));
  socket.once('close', onClose);
  socket.write(bytes, (error) => (error == null ? written.resolve() : written.reject(error)));
  try {
    await race(written.promise, {
      ...(signal === undefined ? {} : { signal }),
      timeoutMs: answerTimeoutMs,
      onTimeout: () => {
        throw new Error('it took nothing for 30 s');
      },
    });
  } finally {
    socket.off('close', onClose);
  }
}
