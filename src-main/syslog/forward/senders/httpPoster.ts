import { request as requestPlain, Agent as PlainAgent, type IncomingMessage } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { AppError } from '../../../../src-shared/errors.ts';
import { shorten, visibleLine } from '../../../../src-shared/base/machineText.ts';
import type { ReceiverAddress } from '../../../../src-shared/base/receiverAddress.ts';
import { readStreamBounded } from '../../../../src-shared/node/files.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { readSecretFile, readTlsFiles, type TlsFiles } from '../secretFiles.ts';
import type { Destination } from '../../../../src-shared/model/syslog/forward/destination.ts';
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

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** A receiver may repeat the token, also as it stands in an address, in JSON, or in a text of JSON that is JSON itself. */
function hideToken(text: string, token: string): string {
  const forms = new Set([token, inJson(token), inJson(inJson(token)), encodeURIComponent(token)]);
  return [...forms].reduce((hidden, form) => hidden.replaceAll(form, '‹token›'), text);
}

/**
 * Posts JSON, with the token if there is one. Resolves with the answer's status and its text, in which the token is hidden.
 * Follows no redirect, so that the token stays with its host. `signal` ends it.
 */
export function createPoster({ tokenFile, ...files }: TlsFiles & Pick<Destination, 'tokenFile'>) {
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
      const token = tokenFile === null ? null : readSecretFile(tokenFile);
      const headers = {
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': `sallyport/${programVersion}`,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
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
      sent.once('timeout', () =>
        sent.destroy(Object.assign(new Error('it did not answer within 30 s'), { code: 'ETIMEDOUT' })),
      );
      sent.end(bytes);
      const response = await answered.promise;
      const text = (await readStreamBounded(response, maxAnswerBytes))?.toString('utf8') ?? '';
      return { status: response.statusCode ?? 0, text: token === null ? text : hideToken(text, token) };
    },
    close: (): void => {
      secureAgent.destroy();
      plainAgent.destroy();
    },
  };
}
