import type { Readable } from 'node:stream';
import { AppError } from '../../../src-shared/errors.ts';
import type { RemoteProcess, RunResult } from '../types.ts';
import { decodeOutput } from './decodeOutput.ts';
import { race } from '../../../src-shared/base/race.ts';

/** Error output is usually a few lines, so the limit is low **[ours]**. */
const maxErrorBytes = 256 * 1024;
/**
 * Maximum number of chunks of output. sshd sends up to 32 kB at once, and each chunk takes time, even a small
 * one **[ours]**.
 */
const maxChunks = 5_000;
/** A longer output is in shared memory. Decoding one of this size takes less than a millisecond **[ours]**. */
const maxShortBytes = 256 * 1024;

type Collected = { bytes: () => Buffer; ended: Promise<void> };

function collect(
  stream: Readable,
  maxBytes: number,
  onTooLarge: (limit: string, detail: Record<string, number>) => void,
): Collected {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes && chunks.length < maxChunks) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    stream.removeAllListeners('data');
    if (size > maxBytes) onTooLarge(`more than ${maxBytes} bytes`, { maxBytes });
    else onTooLarge(`in more than ${maxChunks} chunks`, { maxChunks });
  });
  const ended = Promise.withResolvers<void>();
  for (const event of ['end', 'close', 'error']) stream.once(event, () => ended.resolve());
  return { bytes: () => joinChunks(chunks, size), ended: ended.promise };
}

/** Joins the chunks of an output, those of a long one in shared memory. */
function joinChunks(chunks: readonly Buffer[], size: number): Buffer {
  if (size <= maxShortBytes) return Buffer.concat(chunks);
  const joined = Buffer.from(new SharedArrayBuffer(size));
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(joined, at);
  return joined;
}

/** The result of a command that ended. Decodes its output only when a caller reads it as text. */
function createResult(
  ended: Awaited<RemoteProcess['exited']>,
  output: { stdout: Buffer; stderr: Buffer },
): RunResult {
  const { stdout } = output;
  let text: string | null = null;
  return {
    ...ended,
    get stdout() {
      return (text ??= decodeOutput(stdout));
    },
    ...(stdout.length > maxShortBytes ? { stdoutBytes: stdout } : {}),
    stderr: decodeOutput(output.stderr),
  };
}

/**
 * Reads the output of a command until it ends, in limited memory. Rejects with COMMAND_TIMEOUT,
 * OUTPUT_TOO_LARGE, or the reason of `lost`; then it also stops the command. Replaces invalid UTF-8 by
 * U+FFFD.
 */
export async function runToEnd(input: {
  process: RemoteProcess;
  name: string;
  timeoutMs: number;
  maxBytes: number;
  lost: AbortSignal;
}): Promise<RunResult> {
  const { process, name, timeoutMs, maxBytes } = input;
  const stopped = new AbortController();
  const tooLarge = (limit: string, detail: Record<string, number>) =>
    stopped.abort(new AppError('OUTPUT_TOO_LARGE', `${name} printed ${limit} and was stopped.`, { detail }));
  const stdout = collect(process.stdout, maxBytes, tooLarge);
  const stderr = collect(process.stderr, Math.min(maxBytes, maxErrorBytes), tooLarge);
  try {
    const whole = Promise.all([process.exited, stdout.ended, stderr.ended]);
    const [ended] = await race(whole, {
      signal: AbortSignal.any([input.lost, stopped.signal]),
      timeoutMs,
      onTimeout: () => {
        throw new AppError(
          'COMMAND_TIMEOUT',
          `${name} did not end within ${timeoutMs / 1000} s and was stopped.`,
          {
            detail: { timeoutMs },
          },
        );
      },
    });
    return createResult(ended, { stdout: stdout.bytes(), stderr: stderr.bytes() });
  } catch (error) {
    process.kill();
    throw error;
  }
}
