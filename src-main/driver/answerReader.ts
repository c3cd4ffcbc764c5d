import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { readAnswer, type Answer, type AnswerKind, type ParsedAnswer } from './answers.ts';
import type { CommandOutput } from '../ssh/session/decodeOutput.ts';
import { createFairQueue } from '../../src-shared/base/fairQueue.ts';
import { measureJson } from '../../src-shared/base/measureJson.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { minuteMs, secondMs } from '../../src-shared/base/time.ts';

/**
 * Answers with more characters or values are parsed on the reader thread. Parsing one of this size on the
 * main thread takes a few milliseconds **[ours]**.
 */
const maxSmallAnswerLength = 256 * 1024;
const maxSmallAnswerValues = 10_000;
/** Limits of the reader thread **[ours]**: several times what the longest list of tenants needs. */
const maxHeapMb = 192;
const readTimeoutMs = 10 * secondMs;
const startTimeoutMs = minuteMs;

export type AnswerReader = {
  /**
   * Resolves with a reason if the output can't be parsed. Rejects with CANCELLED after `close`, and with
   * INTERNAL if the thread fails.
   */
  read: <Kind extends AnswerKind>(request: {
    /** ID of the appliance. Large answers of several appliances are read in turns. */
    owner: string;
    kind: Kind;
    output: CommandOutput;
  }) => Promise<ParsedAnswer<Answer<Kind>>>;
  close: () => void;
};

/** Stores the JSON length of large answers, because computing it again would take tens of milliseconds. */
const jsonLengths = new WeakMap<object, number>();

/** Returns the JSON length of an answer that was read as a large answer; undefined for any other value. */
export function knownJsonLength(value: object): number | undefined {
  return jsonLengths.get(value);
}

const replySchema = z.union([z.object({ json: z.string() }), z.object({ reason: z.string() })]);
type Reply = z.infer<typeof replySchema>;
type Thread = { read: (kind: AnswerKind, output: CommandOutput) => Promise<Reply>; end: () => void };

function isSmall(output: CommandOutput): output is string {
  if (typeof output !== 'string' || output.length > maxSmallAnswerLength) return false;
  const bounds = { maxDepth: maxSmallAnswerLength, maxValues: maxSmallAnswerValues };
  return measureJson(output, bounds).values <= maxSmallAnswerValues;
}

/**
 * From source, the worker is a TypeScript file; in the desktop build, it is a JavaScript file beside the
 * bundle.
 */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`answerWorker.${extension}`, import.meta.url);
}

function broken(): AppError {
  return new AppError(
    'INTERNAL',
    'The thread that reads large answers failed. The console’s log has the details.',
  );
}

/**
 * Starts a thread that parses texts in order. The thread is ended when it exceeds a limit; the caller then
 * starts a new one.
 */
function startThread(options: {
  file: URL;
  timeoutMs: number;
  onEnd: () => void;
  onFailed: (cause: unknown) => void;
}): Thread {
  const worker = new Worker(options.file, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 32 },
  });
  let waiting: PromiseWithResolvers<Reply> | null = null;
  let timer: NodeJS.Timeout | undefined;
  const ready = Promise.withResolvers<void>();
  worker.unref();

  function settle(reply: Reply): void {
    clearTimeout(timer);
    worker.unref();
    waiting?.resolve(reply);
    waiting = null;
  }
  function end(failure: Reply | AppError): void {
    options.onEnd();
    void worker.terminate();
    if (failure instanceof AppError) {
      clearTimeout(timer);
      ready.reject(failure);
      waiting?.reject(failure);
      waiting = null;
    } else settle(failure);
  }
  worker.on('message', (message: unknown) => {
    if (message === 'ready') ready.resolve();
    else settle(replySchema.parse(message));
  });
  worker.on('error', (error) => {
    const isFull = systemErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY';
    if (!isFull) options.onFailed(error);
    end(isFull ? { reason: 'it takes too much memory to read' } : broken());
  });
  worker.on('exit', () => end(broken()));
  return {
    read: (kind, output) => {
      worker.ref();
      const reply = Promise.withResolvers<Reply>();
      waiting = reply;
      timer = setTimeout(() => end(broken()), startTimeoutMs);
      const send = () => {
        clearTimeout(timer);
        timer = setTimeout(() => end({ reason: 'it takes too long to read' }), options.timeoutMs);
        worker.postMessage({ kind, output }, []);
      };
      ready.promise.then(send, () => undefined);
      return reply.promise;
    },
    end: () => end(new AppError('CANCELLED', 'The console ended.')),
  };
}

/**
 * Parses the answers of all appliances. Large answers are parsed on a separate thread with limited memory and
 * time, in turns by appliance, so that no answer blocks the console or other appliances.
 */
export function createAnswerReader(options: {
  onFailed: (cause: unknown) => void;
  file?: URL;
  timeoutMs?: number;
}): AnswerReader {
  const queue = createFairQueue();
  let thread: Thread | null = null;
  let closed = false;

  function currentThread(): Thread {
    if (closed) throw new AppError('CANCELLED', 'The console ended.');
    if (thread !== null) return thread;
    const started = startThread({
      file: options.file ?? workerFile(),
      timeoutMs: options.timeoutMs ?? readTimeoutMs,
      onFailed: options.onFailed,
      onEnd: () => {
        if (thread === started) thread = null;
      },
    });
    thread = started;
    return started;
  }

  return {
    read: async ({ owner, kind, output }) => {
      if (isSmall(output)) return readAnswer(kind, output);
      const reply = await queue.run(owner, () => currentThread().read(kind, output));
      if ('reason' in reply) return reply;
      // The thread has validated this JSON with the schema. Validating it again here would block the main
      // thread.
      const value: Answer<typeof kind> = JSON.parse(reply.json);
      jsonLengths.set(value, reply.json.length);
      return { value };
    },
    close: () => {
      closed = true;
      thread?.end();
    },
  };
}
