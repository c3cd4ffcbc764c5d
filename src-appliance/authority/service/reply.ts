import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorData } from '../../../src-shared/errors.ts';
import { errorCodes } from '../../../src-shared/errorCodes.ts';
import type { ExitCode } from '../../../src-shared/exitCodes.ts';

export type Reply = { status: number; body: string; headers: Record<string, string> };

const statusOfExit: Partial<Record<ExitCode, number>> = {
  usage: 400,
  notFoundOrThere: 404,
  notPermitted: 403,
  licenceForbids: 403,
  busy: 503,
  verificationFailed: 422,
};

export const tooManyStatus = 429;

export function statusOf(error: ErrorData): number {
  if (error.code === 'TOO_MANY_REQUESTS') return tooManyStatus;
  return statusOfExit[errorCodes[error.code].exitCode] ?? 500;
}

export function errorReply(error: ErrorData, status = statusOf(error)): Reply {
  return {
    status,
    body: `${JSON.stringify({ error })}\n`,
    headers: { 'Content-Type': 'application/json' },
  };
}

/** Headers of every response. No browser runs, frames, guesses or keeps anything of it. */
const commonHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Strict-Transport-Security': 'max-age=31536000',
  'Cache-Control': 'no-store',
};

export function sendReply(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, {
    ...commonHeaders,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/**
 * Reads a body. Null if it has more than `maxBytes`; the rest is then not read, and the connection must be closed
 * after the response.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed, so that the response can still be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
