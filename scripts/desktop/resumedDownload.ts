import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { growingDelayMs, maxDelayMs } from '../../src-shared/base/backOff.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

/** `totalBytes` is null if the server does not say how long the file is. */
export type DownloadState = { receivedBytes: number; totalBytes: number | null };

export type DownloadLimits = {
  /** How long the server may take to answer, milliseconds. */
  connectMs: number;
  /** How long a running download may be without data before it connects again, milliseconds. */
  stallMs: number;
  /** How often in a row the download may connect again without receiving anything. */
  maxRetries: number;
  /** The delay before the first of these retries, milliseconds; it doubles with each. */
  firstRetryMs: number;
  maxBytes: number;
};

export const usualLimits: DownloadLimits = {
  connectMs: 6 * secondMs,
  stallMs: 20 * secondMs,
  maxRetries: 4,
  firstRetryMs: secondMs,
  maxBytes: 1024 ** 3,
};

/** `unreachable`: no answer. `interrupted`: the connection was cut. `refused`: another attempt would end as this one. */
type FailureKind = 'unreachable' | 'interrupted' | 'refused';

/** A failed download. What arrived stays in the file, and the next download continues there. */
export class DownloadFailure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

type Download = {
  url: string;
  /** Keeps what arrived. A file that exists is continued. */
  partFile: string;
  onProgress: (state: DownloadState) => void;
  signal: AbortSignal;
  limits: DownloadLimits;
};

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') return 0;
    throw thrown;
  }
}

const refusal = (message: string) => new DownloadFailure('refused', message);
const interruption = (message: string) => new DownloadFailure('interrupted', message);

/** `bytes 500-999/1000` as its start and total; RFC 9110, 14.4. */
function parseContentRange(header: string | null): { start: number; total: number | null } | null {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/u.exec(header ?? '');
  if (match === null) return null;
  return { start: Number(match[1]), total: match[2] === '*' ? null : Number(match[2]) };
}

type Answer = { body: ReadableStream<Uint8Array>; start: number; total: number | null };

/** Where the answer's bytes belong, or null if the file is complete already. Throws DownloadFailure. */
async function readAnswer(response: Response, download: Download, have: number): Promise<Answer | null> {
  const { status, headers, body } = response;
  if (status === 416) {
    if (headers.get('content-range') === `bytes */${have}`) return null;
    await rm(download.partFile, { force: true });
    throw interruption('the kept part does not fit the file');
  }
  if (status >= 500 || status === 429) throw interruption(`the server answered ${status}`);
  if (status !== 200 && status !== 206) throw refusal(`the server answered ${status}`);
  if (body === null) throw refusal('the server sent nothing');
  if (status === 206) {
    const range = parseContentRange(headers.get('content-range'));
    if (range?.start !== have) throw refusal('the server sent another part of the file than wanted');
    return { body, ...range };
  }
  const length = headers.get('content-length');
  return { body, start: 0, total: length === null ? null : Number(length) };
}

/** Appends to the kept part. Throws DownloadFailure, or the file system's error. */
async function keepBody({ body, start, total }: Answer, download: Download, onData: () => void) {
  const { limits, onProgress, partFile } = download;
  if ((total ?? 0) > limits.maxBytes) throw refusal(`the file has more than ${limits.maxBytes} bytes`);
  const file = await open(partFile, start === 0 ? 'w' : 'a');
  let received = start;
  try {
    onProgress({ receivedBytes: received, totalBytes: total });
    for await (const chunk of body) {
      onData();
      // Another `npm start` that appends to the same file would mix both.
      if ((await file.stat()).size !== received) throw refusal('another program downloads it too');
      await file.writeFile(chunk);
      received += chunk.length;
      if (received > limits.maxBytes) throw refusal(`the file has more than ${limits.maxBytes} bytes`);
      onProgress({ receivedBytes: received, totalBytes: total });
    }
  } finally {
    await file.close();
  }
  if (total !== null && received < total) throw interruption('the connection ended early');
}

/** One connection: continues the file to its end. */
async function receive(download: Download): Promise<void> {
  const { limits, partFile, signal, url } = download;
  const have = await sizeOf(partFile);
  const silence = new AbortController();
  let timer = setTimeout(
    () => silence.abort(new DownloadFailure('unreachable', 'the server does not answer')),
    limits.connectMs,
  );
  let isAnswered = false;
  try {
    const response = await fetch(url, {
      // The bytes of a compressed answer are not those that a range counts.
      headers: { 'accept-encoding': 'identity', ...(have > 0 ? { range: `bytes=${have}-` } : {}) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    isAnswered = true;
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(interruption('no more data arrived')), limits.stallMs);
    const answer = await readAnswer(response, download, have);
    if (answer !== null) await keepBody(answer, download, () => timer.refresh());
  } catch (thrown) {
    throw describeFailure(thrown, isAnswered);
  } finally {
    clearTimeout(timer);
  }
}

/** Errors of a disk that another attempt does not repair. */
const diskErrors: ReadonlySet<string | number | null> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EIO',
]);

function describeFailure(thrown: unknown, isAnswered: boolean): DownloadFailure {
  if (thrown instanceof DownloadFailure) return thrown;
  // fetch hides the reason of a failed connection in `cause`.
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (cause instanceof DownloadFailure) return cause;
  const code = systemErrorCode(cause);
  const message = cause instanceof Error && cause.message !== '' ? cause.message : String(code ?? cause);
  if (diskErrors.has(code)) return refusal(message);
  return new DownloadFailure(isAnswered ? 'interrupted' : 'unreachable', message);
}

/**
 * Downloads a file in as many connections as needed. Gives up at once if nothing can be reached. Throws DownloadFailure,
 * or the reason of `signal`.
 */
export async function downloadResumed(download: Download): Promise<void> {
  const { limits, partFile, signal } = download;
  let hasReceived = false;
  for (let failures = 0; ;) {
    const before = await sizeOf(partFile);
    try {
      await receive(download);
      return;
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof DownloadFailure)) throw thrown;
      const isFurther = (await sizeOf(partFile)) > before;
      hasReceived ||= isFurther;
      failures = isFurther ? 1 : failures + 1;
      const canRetry = thrown.kind === 'interrupted' || (thrown.kind === 'unreachable' && hasReceived);
      if (!canRetry || failures > limits.maxRetries) throw thrown;
      const waitMs = growingDelayMs({
        failures: failures - 1,
        firstMs: limits.firstRetryMs,
        maxMs: maxDelayMs,
      });
      await delay(waitMs, undefined, { signal });
    }
  }
}
