import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { quoteText, shorten } from '../../../src-shared/base/machineText.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import { readStreamBounded } from '../../../src-shared/node/files.ts';
import type { ApplianceConfig } from '../config.ts';
import { fileError } from '../state/fileErrors.ts';

type AuthoritySettings = NonNullable<ApplianceConfig['authority']>;

/** Covers connecting and the whole answer **[ours]**. */
const timeoutMs = 30 * secondMs;
const maxReason = 300;

/** The body is made once the connection exists. `localAddress`: this computer's address on it. */
type Posted = { body: (localAddress: string | null) => string; contentType: string };

export type AuthorityClient = {
  /** Resolves with the body of a successful answer. Rejects with CONNECT_FAILED or COMMAND_FAILED. */
  post: (path: string, posted: Posted) => Promise<string>;
  counted: () => { sentBytes: number; receivedBytes: number };
};

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What the authority said, in quotes, because its text is not ours. */
function describeRefusal(status: number, body: string): string {
  try {
    const { error } = refusalSchema.parse(JSON.parse(body));
    return `${shorten(quoteText(error.code), 64)}: ${shorten(quoteText(error.message), maxReason)}`;
  } catch {
    return `HTTP status ${status}`;
  }
}

function readCertificates({ caFile }: AuthoritySettings): { ca?: Buffer } {
  if (caFile === undefined) return {};
  try {
    return { ca: readFileSync(caFile) };
  } catch (error) {
    throw fileError(caFile, error);
  }
}

/**
 * Speaks HTTPS with the authority and follows no redirect. `via`: connects to this port on loopback instead, which the
 * console lends; the certificate must still be the authority's.
 */
export function createAuthorityClient(settings: AuthoritySettings, via: number | null): AuthorityClient {
  const url = new URL(settings.url);
  const trusted = readCertificates(settings);
  const counts = { sentBytes: 0, receivedBytes: 0 };
  const send = async (path: string, { body, contentType }: Posted) => {
    const request = requestHttps(new URL(path, url), {
      ...trusted,
      ...(via === null ? {} : { hostname: '127.0.0.1', port: via, servername: url.hostname }),
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'Content-Type': contentType, Host: url.host },
    });
    request.once('socket', (socket: Socket) => {
      socket.once('secureConnect', () => {
        // A link-local address has a zone behind it.
        const content = Buffer.from(body(socket.localAddress?.split('%', 1)[0] ?? null));
        counts.sentBytes += content.length;
        request.setHeader('Content-Length', content.length);
        request.end(content);
      });
    });
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).on('error', reject);
      });
      const content = await readStreamBounded(response, maxDocumentBytes + '\r\n'.length);
      if (content === null) throw new AppError('COMMAND_FAILED', 'its answer is too large');
      counts.receivedBytes += content.length;
      return { status: response.statusCode ?? 0, text: content.toString('utf8') };
    } finally {
      request.destroy();
    }
  };
  return {
    counted: () => ({ ...counts }),
    post: async (path, posted) => {
      let answer: { status: number; text: string };
      try {
        answer = await send(path, posted);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : 'unknown';
        const where = via === null ? url.host : `${url.host} through port ${via}`;
        const message = `the authority ${where} can’t be used: ${shorten(reason, maxReason)}`;
        throw new AppError('CONNECT_FAILED', message, { cause });
      }
      const { status, text } = answer;
      if (status >= 200 && status < 300) return text;
      const reason = describeRefusal(status, text);
      throw new AppError('COMMAND_FAILED', `the authority ${url.host} refused: ${reason}`);
    },
  };
}
