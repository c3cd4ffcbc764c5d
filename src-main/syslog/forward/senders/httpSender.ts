import { request as requestPlain, Agent as PlainAgent, type IncomingMessage } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { z } from 'zod';
import { AppError } from '../../../../src-shared/errors.ts';
import { shorten, visibleLine } from '../../../../src-shared/base/machineText.ts';
import {
  readDestinationAddress,
  type Destination,
} from '../../../../src-shared/model/syslog/forward/destination.ts';
import { buildLokiPush } from '../../../../src-shared/model/syslog/forward/loki.ts';
import { buildOtlpLogs } from '../../../../src-shared/model/syslog/forward/otlp.ts';
import { readStreamBounded } from '../../../../src-shared/node/files.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { readTlsFiles, readToken } from '../secretFiles.ts';
import { nothingRefused, type LogSender, type RefusedLines } from '../sender.ts';
import { answerTimeoutMs, destinationError } from './connection.ts';

const maxAnswerBytes = 64 * 1024;
/** Answers after which the same request can succeed later. */
const busyStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

const partialSchema = z.object({
  partialSuccess: z.object({
    rejectedLogRecords: z.coerce.number().int().nonnegative().default(0),
    errorMessage: z.string().default(''),
  }),
});

/** What an OTLP receiver refused of a batch that it took otherwise. */
function readPartialSuccess(body: string): RefusedLines {
  let answer: unknown;
  try {
    answer = JSON.parse(body === '' ? '{}' : body);
  } catch {
    return nothingRefused;
  }
  const partial = partialSchema.safeParse(answer).data?.partialSuccess;
  if (partial === undefined) return nothingRefused;
  return { count: partial.rejectedLogRecords, reason: shorten(visibleLine(partial.errorMessage), 200) };
}

function checkStatus(name: string, status: number, body: string): void {
  if (status >= 200 && status < 300) return;
  const why = shorten(visibleLine(body.trim()), 200);
  throw new AppError(
    busyStatuses.has(status) ? 'DESTINATION_UNREACHABLE' : 'DESTINATION_REFUSED',
    `${name} answered with status ${status}${why === '' ? '' : `: ${why}`}`,
  );
}

/** Posts a body. Resolves with the answer's status and text. Follows no redirect, so that a token stays with its host. */
function createPoster(destination: Destination) {
  const { host, port, path, isSecure } = readDestinationAddress(destination.kind, destination.address);
  const agent = isSecure
    ? new TlsAgent({ keepAlive: true, maxSockets: 1 })
    : new PlainAgent({ keepAlive: true, maxSockets: 1 });

  async function post(body: string): Promise<{ status: number; text: string }> {
    const token = readToken(destination);
    const bytes = Buffer.from(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': bytes.length,
      'user-agent': `sallyport/${programVersion}`,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(destination.lokiTenant === null ? {} : { 'x-scope-orgid': destination.lokiTenant }),
    };
    const options = { method: 'POST', host, port, path, headers, agent, timeout: answerTimeoutMs };
    const answered = Promise.withResolvers<IncomingMessage>();
    const sent = isSecure ? requestTls({ ...options, ...readTlsFiles(destination) }) : requestPlain(options);
    sent.once('response', answered.resolve);
    sent.once('error', answered.reject);
    sent.once('timeout', () => sent.destroy(new Error('it did not answer within 30 s')));
    sent.end(bytes);
    const response = await answered.promise;
    const text = await readStreamBounded(response, maxAnswerBytes);
    return { status: response.statusCode ?? 0, text: text?.toString('utf8') ?? '' };
  }
  return { post, close: () => agent.destroy() };
}

/** Sends batches of lines to an HTTP endpoint as JSON: to OTLP's logs endpoint or to Loki's push endpoint. */
export function createHttpSender(destination: Destination): LogSender {
  const poster = createPoster(destination);
  const { name, kind } = destination;

  return {
    send: async (lines) => {
      const body = kind === 'loki' ? buildLokiPush(lines) : buildOtlpLogs(lines, programVersion);
      try {
        const { status, text } = await poster.post(JSON.stringify(body));
        checkStatus(name, status, text);
        return kind === 'otlp' ? readPartialSuccess(text) : nothingRefused;
      } catch (thrown) {
        throw destinationError(name, thrown);
      }
    },
    close: poster.close,
  };
}
