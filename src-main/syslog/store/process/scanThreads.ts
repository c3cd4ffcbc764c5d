import { Worker } from 'node:worker_threads';
import { AppError, fromErrorData } from '../../../../src-shared/errors.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { ScanPool } from '../search/scanPool.ts';
import type { SearchSpec } from '../search/searchSpec.ts';
import { scanReplySchema, type ScanReply, type ScanRequest } from './scanProtocol.ts';

/** Small heaps: most of a block's memory is outside of V8's **[ours]**. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
/** Ends what hangs, once the thread has started. A block takes milliseconds. */
const scanTimeoutMs = 30 * secondMs;

/** From source, the worker is a TypeScript file; in a build, it is a JavaScript file beside the bundle. */
function workerFile(): URL {
  return new URL(`scanWorker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}

type Waiting = {
  resolve: (reply: ScanReply) => void;
  reject: (thrown: unknown) => void;
};

function failed(): AppError {
  return new AppError('STORE_FAILED', 'A thread that searches kept logs failed. Search again.');
}

/** One thread. It is of no use after `onEnd`. */
function startThread(folder: string, onEnd: () => void) {
  const worker = new Worker(workerFile(), {
    workerData: { folder },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits,
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;
  worker.unref();

  /** Limits the time of the request that the thread works on. */
  function limitNext(): void {
    clearTimeout(timer);
    timer = isReady && waiting.size > 0 ? setTimeout(end, scanTimeoutMs) : undefined;
  }

  function end(): void {
    onEnd();
    clearTimeout(timer);
    void worker.terminate();
    for (const { reject } of waiting.values()) reject(failed());
    waiting.clear();
  }
  worker.on('message', (message: unknown) => {
    const reply = scanReplySchema.parse(message);
    if ('isReady' in reply) {
      isReady = true;
      return limitNext();
    }
    const known = waiting.get(reply.id);
    if (known === undefined) return;
    waiting.delete(reply.id);
    limitNext();
    if ('error' in reply) known.reject(fromErrorData(reply.error));
    else known.resolve(reply);
  });
  worker.on('error', end);
  worker.on('exit', end);
  return {
    busy: () => waiting.size,
    post: (request: ScanRequest) => worker.postMessage(request, []),
    ask: (request: (id: number) => ScanRequest): Promise<ScanReply> =>
      new Promise((resolve, reject) => {
        const id = (nextId += 1);
        waiting.set(id, { resolve, reject });
        if (waiting.size === 1) limitNext();
        worker.postMessage(request(id), []);
      }),
    end,
  };
}

/** Scans on threads of their own, each with its own connection to the store. A thread that fails is replaced. */
export function createScanThreads({
  folder,
  count,
}: {
  folder: string;
  count: number;
}): ScanPool & { end: () => void } {
  const threads = new Set<ReturnType<typeof startThread>>();
  const specs = new Map<string, SearchSpec>();

  function start(): ReturnType<typeof startThread> {
    const thread = startThread(folder, () => threads.delete(thread));
    threads.add(thread);
    for (const [search, spec] of specs) thread.post({ kind: 'open', search, spec });
    return thread;
  }
  function leastBusy(): ReturnType<typeof startThread> {
    while (threads.size < count) start();
    return [...threads].reduce((best, thread) => (thread.busy() < best.busy() ? thread : best));
  }
  return {
    open: (search, spec) => {
      specs.set(search, spec);
      for (const thread of threads) thread.post({ kind: 'open', search, spec });
    },
    page: async (search, unit, limit) => {
      const reply = await leastBusy().ask((id) => ({ kind: 'page', id, search, unit, limit }));
      if (!('page' in reply)) throw failed();
      return reply.page;
    },
    count: async (search, units, wanted) => {
      const reply = await leastBusy().ask((id) => ({ kind: 'count', id, search, units, wanted }));
      if (!('count' in reply)) throw failed();
      return reply.count;
    },
    close: (search) => {
      specs.delete(search);
      for (const thread of threads) thread.post({ kind: 'close', search });
    },
    end: () => {
      for (const thread of threads) thread.end();
    },
  };
}
