import { createHmac } from 'node:crypto';
import { AppError } from '../../../src-shared/errors.ts';
import type { TargetMessage } from '../../../src-shared/model/notifications/targetMessage.ts';
import { readTargetAddress, type Target } from '../../../src-shared/model/notifications/targets.ts';
import { destinationError } from '../../syslog/forward/senders/connection.ts';
import { checkStatus, createPoster } from '../../syslog/forward/senders/httpPoster.ts';
import { readSecretFile } from '../../syslog/forward/secretFiles.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import type { TargetSender } from './targetSender.ts';

/** Shorter secrets can be guessed **[ours]**. */
const minSecretBytes = 16;
const secretPrefix = 'whsec_';

function readKey(path: string): Buffer {
  const secret = readSecretFile(path);
  const key = secret.startsWith(secretPrefix)
    ? Buffer.from(secret.slice(secretPrefix.length), 'base64')
    : Buffer.from(secret);
  if (key.length < minSecretBytes)
    throw new AppError(
      'DESTINATION_REFUSED',
      `The secret in ${path} has fewer than ${minSecretBytes} bytes. Nothing was sent.`,
    );
  return key;
}

/** The headers that let a receiver check sender and age, by the Standard Webhooks specification. */
function headersOf({ secretFile }: Target, { id }: TargetMessage, body: string) {
  const timestamp = `${Math.floor(Date.now() / 1000)}`;
  const signed = `${id}.${timestamp}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(secretFile === null
      ? {}
      : {
          'webhook-signature': `v1,${createHmac('sha256', readKey(secretFile)).update(signed).digest('base64')}`,
        }),
  };
}

function readAddress({ kind, address, addressFile, name }: Target) {
  const read = readTargetAddress(kind, addressFile === null ? address : readSecretFile(addressFile));
  if (typeof read !== 'string') return read;
  throw new AppError('INVALID_INPUT', `${name} has no address.`);
}

/** An address in a file is a secret, which the message of an error must not tell. */
function postError({ name, addressFile }: Target, thrown: unknown): AppError {
  if (addressFile === null) return destinationError(name, thrown);
  if (thrown instanceof AppError && thrown.code === 'INVALID_INPUT')
    return new AppError(
      'DESTINATION_REFUSED',
      `${addressFile} must contain an address that begins with https://. Nothing was sent.`,
    );
  if (thrown instanceof AppError) return thrown;
  // The system's own text names the host or its number.
  const code = systemErrorCode(thrown);
  return destinationError(name, Object.assign(new Error(`${code ?? 'unknown reason'}`), { code }));
}

/** Posts each message as JSON, with a signature if the target has a secret. Files are read again for each message. */
export function createWebhookSender(target: Target): TargetSender {
  const poster = createPoster(target);

  async function post(message: TargetMessage, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify(message);
    try {
      const address = readAddress(target);
      const answer = await poster.post(address, body, headersOf(target, message, body), signal);
      // Receivers often repeat the path, which is a secret then.
      checkStatus(target.name, target.addressFile === null ? answer : { ...answer, text: '' });
    } catch (thrown) {
      throw postError(target, thrown);
    }
  }

  return {
    send: async (messages, signal) => {
      for (const message of messages) await post(message, signal);
    },
    close: poster.close,
  };
}
