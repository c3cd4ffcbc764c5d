import { request as requestPlain, Agent as PlainAgent, type IncomingMessage } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { AppError } from '../../../../src-shared/errors.ts';
import { shorten, visibleLine } from '../../../../src-shared/base/machineText.ts';
import type { ReceiverAddress } from '../../../../src-shared/base/receiverAddress.ts';
import { readStreamBounded } from '../../../../src-shared/node/files.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { readTlsFiles, type TlsFiles } from '../secretFiles.ts';
import { answerTimeoutMs } from './connection.ts';

const maxAnswerBytes = 64 * 1024;
/** Answers after which the same request can succeed later. */
const busyStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Throws DESTINATION_UNREACHABLE or DESTINATION_REFUSED unless the receiver took the request. */
export function checkStatus(name: string, { status, text }: { status: number; text: string }): void {
  if (status >= 200 && status < 300) return;
  const why = shorten(visibleLine(text.trim()), 200);
  throw new AppError(
    busyStatuses.has(status) ? 'DESTINATION_UNREACHABLE' : 'DESTINATION_REFUSED',
    `${name} answered with status ${status}${why === '' ? '' : `: ${why}`}`,
  );
}

/** Posts JSON. Resolves with the answer's status and text. Follows no redirect, so that a token stays with its host. `signal` ends it. */
export function createPoster(files: TlsFiles) {
  const pool = { keepAlive: true, maxSockets: 1 };
  const secureAgent = new TlsAgent(pool);
  const plainAgent = new PlainAgent(pool);

  return {
    post: async (
      { host, port, path, isSecure }: Omit<ReceiverAddress, 'scheme'>,
      body: string,
      ownHeaders: Readonly<Record<string, string>>,
      signal?: AbortSignal,
    ): Promise<{ status: number; text: string }> => {
      const bytes = Buffer.from(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': `sallyport/${programVersion}`,
        ...ownHeaders,
      };
      const limits = { timeout: answerTimeoutMs, ...(signal === undefined ? {} : { signal }) };
      const options = { method: 'POST', host, port, path, headers, ...limits };
      const answered = Promise.withResolvers<IncomingMessage>();
      const sent = isSecure
        ? requestTls({ ...options, agent: secureAgent, ...readTlsFiles(files) })
        : requestPlain({ ...options, agent: plainAgent });
      sent.once('response', answered.resolve);
      sent.once('error', answered.reject);
      sent.once('timeout', () => sent.destroy(new Error('it did not answer within 30 s')));
      sent.end(bytes);
      const response = await answered.promise;
      const text = await readStreamBounded(response, maxAnswerBytes);
      return { status: response.statusCode ?? 0, text: text?.toString('utf8') ?? '' };
    },
    close: (): void => {
      secureAgent.destroy();
      plainAgent.destroy();
    },
  };
}
