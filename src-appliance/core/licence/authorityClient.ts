import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../../src-shared/errors.ts';
import { quoteText, shorten } from '../../../src-shared/base/machineText.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { maxDocumentBytes } from '../../../src-shared/model/licence/documents.ts';
import type { SentRecord } from '../../../src-shared/model/licence/licenceCommands.ts';
import { readStreamBounded } from '../../../src-shared/node/files.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import type { ApplianceConfig } from '../config.ts';
import { fileError } from '../state/fileErrors.ts';

type AuthoritySettings = NonNullable<ApplianceConfig['authority']>;

/** Covers connecting and the whole answer **[ours]**. */
const usualTimeoutMs = 30 * secondMs;
const maxReason = 300;

/**
 * The body is made once the certificate was verified, so that nothing changes if the authority can't be used.
 * `localAddress`: this computer's address on the connection. `fields`: the names of what the body says.
 */
type Posted = {
  body: (localAddress: string | null) => string | Buffer | Promise<string | Buffer>;
  contentType: string;
  fields: readonly string[];
  /** Proves who sends it, if the body alone doesn’t. */
  licenceKey?: string;
  /** For a large body. */
  timeoutMs?: number;
};

export type AuthorityClient = {
  /**
   * Resolves with the body of a successful answer. Rejects with CONNECT_FAILED, AUTHORITY_UNTRUSTED or COMMAND_FAILED,
   * or like `body`.
   */
  post: (path: string, posted: Posted) => Promise<string>;
  counted: () => { sent: SentRecord[]; sentBytes: number; receivedBytes: number };
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

/** Node reports a refused certificate with one of these codes, which have no common beginning. */
const certificateCode = /^(?!ERR_SSL_).*CERT|_CA$|^UNABLE_TO_|^HOSTNAME_MISMATCH$/u;

/** The error of a connection that could not be used. An error of the body itself stays as it is. */
function explainFailure(cause: unknown, where: string): AppError {
  if (cause instanceof AppError) return cause;
  const reason = cause instanceof Error ? cause.message : 'unknown';
  const code = certificateCode.test(`${systemErrorCode(cause)}`) ? 'AUTHORITY_UNTRUSTED' : 'CONNECT_FAILED';
  return new AppError(code, `the authority ${where} can’t be used: ${shorten(reason, maxReason)}`, { cause });
}

/**
 * Speaks HTTPS with the authority and follows no redirect. `via`: connects to this port on loopback instead, which the
 * console lends; the certificate must still be the authority's.
 */
export function createAuthorityClient(settings: AuthoritySettings, via: number | null): AuthorityClient {
  const url = new URL(settings.url);
  const trusted = readCertificates(settings);
  const counts = { sentBytes: 0, receivedBytes: 0 };
  const sent: SentRecord[] = [];
  const send = async (path: string, { body, contentType, fields, licenceKey, timeoutMs }: Posted) => {
    // Loaded here, because few commands reach the authority.
    const { request: requestHttps } = await import('node:https');
    const request = requestHttps(new URL(path, url), {
      ...trusted,
      ...(via === null ? {} : { hostname: '127.0.0.1', port: via, servername: url.hostname }),
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(timeoutMs ?? usualTimeoutMs),
      headers: {
        'Content-Type': contentType,
        Host: url.host,
        ...(licenceKey === undefined ? {} : { Authorization: `Bearer ${licenceKey}` }),
      },
    });
    const writeBody = async (socket: Socket) => {
      // A link-local address has a zone behind it.
      const made = await body(socket.localAddress?.split('%', 1)[0] ?? null);
      const content = typeof made === 'string' ? Buffer.from(made) : made;
      counts.sentBytes += content.length;
      sent.push({ path, fields: [...fields], bytes: content.length });
      request.setHeader('Content-Length', content.length);
      request.end(content);
    };
    request.once('socket', (socket: Socket) => {
      socket.once('secureConnect', () => {
        writeBody(socket).catch((thrown: unknown) =>
          request.destroy(thrown instanceof Error ? thrown : new Error('no body')),
        );
      });
    });
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve).on('error', reject);
      });
      const content = await readStreamBounded(response, maxDocumentBytes + '\r\n'.length);
      if (content === null)
        throw new AppError(
          'COMMAND_FAILED',
          `the authority ${url.host} can’t be used: its answer is too large`,
        );
      counts.receivedBytes += content.length;
      return { status: response.statusCode ?? 0, text: content.toString('utf8') };
    } finally {
      request.destroy();
    }
  };
  return {
    counted: () => ({ ...counts, sent: [...sent] }),
    post: async (path, posted) => {
      let answer: { status: number; text: string };
      try {
        answer = await send(path, posted);
      } catch (cause) {
        throw explainFailure(cause, via === null ? url.host : `${url.host} through port ${via}`);
      }
      const { status, text } = answer;
      if (status >= 200 && status < 300) return text;
      const reason = describeRefusal(status, text);
      throw new AppError('COMMAND_FAILED', `the authority ${url.host} refused: ${reason}`);
    },
  };
}
