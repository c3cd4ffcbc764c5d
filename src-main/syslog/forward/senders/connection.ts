import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AppError } from '../../../../src-shared/errors.ts';
import { race } from '../../../../src-shared/base/race.ts';
import { asSentence } from '../../../../src-shared/base/sentence.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { systemErrorCode } from '../../../../src-shared/node/systemErrorCode.ts';
import type { ReceiverAddress } from '../../../../src-shared/base/receiverAddress.ts';
import { readTlsFiles, type TlsFiles } from '../secretFiles.ts';

const connectTimeoutMs = 15 * secondMs;
/** How long a receiver may take nothing **[ours]**. */
export const answerTimeoutMs = 30 * secondMs;

/** Codes of certificates that are not trusted, and of keys that the receiver does not accept. */
const distrustPattern = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ERR_TLS|ERR_SSL|ERR_OSSL/u;

/** An error of the network or of TLS as an error of the destination. */
export function destinationError(name: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const why = asSentence(
    visibleLine(thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 300),
  );
  return distrustPattern.test(String(systemErrorCode(thrown) ?? ''))
    ? new AppError(
        'DESTINATION_REFUSED',
        `${name} can’t be trusted, or does not trust this computer: ${why}`,
        {
          cause: thrown,
        },
      )
    : new AppError('DESTINATION_UNREACHABLE', `${name} can’t be reached: ${why}`, { cause: thrown });
}

/** Opens a connection with TLS, or without it on this computer. Rejects with an error of the destination. */
export async function openConnection(receiver: {
  name: string;
  address: Pick<ReceiverAddress, 'host' | 'port' | 'isSecure'>;
  files: TlsFiles;
  /** Ends the attempt. */
  signal?: AbortSignal;
}): Promise<Socket> {
  const { host, port, isSecure } = receiver.address;
  const opened = Promise.withResolvers<void>();
  const socket = isSecure
    ? connectTls({
        host,
        port,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...readTlsFiles(receiver.files),
      })
    : connectPlain({ host, port });
  socket.once(isSecure ? 'secureConnect' : 'connect', () => opened.resolve());
  socket.once('error', opened.reject);
  socket.once('close', () => opened.reject(new Error('it closed the connection')));
  try {
    await race(opened.promise, {
      ...(receiver.signal === undefined ? {} : { signal: receiver.signal }),
      timeoutMs: connectTimeoutMs,
      onTimeout: () => {
        throw new Error('it did not answer within 15 s');
      },
    });
  } catch (thrown) {
    socket.destroy();
    throw destinationError(receiver.name, thrown);
  }
  // Later errors end the connection, which `close` reports.
  socket.on('error', () => undefined);
  socket.setKeepAlive(true, 30 * secondMs);
  return socket;
}
