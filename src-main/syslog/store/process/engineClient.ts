import { z } from 'zod';
import { AppError, fromErrorData } from '../../../../src-shared/errors.ts';
import { createEmitter } from '../../../../src-shared/base/emitter.ts';
import { growingDelayMs } from '../../../../src-shared/base/backOff.ts';
import { createSlots } from '../../../../src-shared/base/slots.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { SearchProgress } from '../search/countScan.ts';
import type { LogEngine } from './engine.ts';
import {
  engineMessageSchema,
  type EngineCall,
  type EngineChannel,
  type EngineMessage,
  type EngineRequest,
  type LogStoreState,
} from './protocol.ts';

/** Batches that the process may have at once; further ones wait, so that it needs bounded memory **[ours]**. */
const maxAppends = 32;
/** Requests that wait for a process that is starting. */
const firstRestartMs = 100;
const maxRestartMs = 30 * secondMs;

type Waiting = {
  resolve: (result: unknown) => void;
  reject: (thrown: unknown) => void;
  onPart?: (part: unknown) => void;
};

function ended(): AppError {
  return new AppError('STORE_FAILED', 'The process that keeps the logs ended. It is started again.');
}

/** The engine's process, started again when it ends. Requests that it had fail with STORE_FAILED. */
function createConnection({
  start,
  onState,
}: {
  start: () => EngineChannel;
  onState: (state: LogStoreState) => void;
}) {
  const waiting = new Map<number, Waiting>();
  let channel: EngineChannel | null = null;
  let ready = Promise.withResolvers<void>();
  let nextId = 0;
  let failures = 0;
  let isClosed = false;
  let restart: NodeJS.Timeout | null = null;

  function takeMessage(message: EngineMessage): void {
    switch (message.kind) {
      case 'ready':
        failures = 0;
        return ready.resolve();
      case 'failed':
        return ready.reject(fromErrorData(message.error));
      case 'state':
        return onState(message.state);
      case 'part':
        return waiting.get(message.id)?.onPart?.(message.part);
      case 'result':
        waiting.get(message.id)?.resolve(message.result);
        break;
      case 'error':
        waiting.get(message.id)?.reject(fromErrorData(message.error));
        break;
    }
    waiting.delete(message.id);
  }
  function onExit(): void {
    channel = null;
    ready.reject(ended());
    for (const { reject } of waiting.values()) reject(ended());
    waiting.clear();
    if (isClosed) return;
    failures += 1;
    const delayMs = growingDelayMs({ failures: failures - 1, firstMs: firstRestartMs, maxMs: maxRestartMs });
    restart = setTimeout(open, delayMs).unref();
  }
  function open(): void {
    ready = Promise.withResolvers<void>();
    ready.promise.catch(() => undefined);
    channel = start();
    channel.onMessage((message) => takeMessage(engineMessageSchema.parse(message)));
    channel.onExit(onExit);
  }
  open();

  return {
    ask: async (
      request: (id: number) => EngineRequest,
      onPart?: (part: unknown) => void,
    ): Promise<unknown> => {
      await ready.promise;
      const opened = channel;
      if (opened === null) throw ended();
      const id = (nextId += 1);
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, { ...answer, ...(onPart === undefined ? {} : { onPart }) });
      opened.send(request(id));
      return answer.promise;
    },
    end: (): void => {
      isClosed = true;
      if (restart !== null) clearTimeout(restart);
      channel?.kill();
    },
  };
}

type Input<Name extends EngineCall> = Parameters<LogEngine[Name]>[0];
type Result<Name extends EngineCall> = Awaited<ReturnType<LogEngine[Name]>>;

/** The log engine in a process of its own, with the interface of `createLogEngine`. */
export function createLogEngineClient({ start }: { start: () => EngineChannel }): LogEngine {
  const states = createEmitter<[LogStoreState]>();
  const { ask, end } = createConnection({ start, onState: states.emit });
  const slots = createSlots(maxAppends);

  async function call<Name extends EngineCall>(
    name: Name,
    input: Input<Name> | object,
  ): Promise<Result<Name>> {
    const result = await ask((id) => ({ kind: 'call', id, name, input }));
    return z.custom<Result<Name>>().parse(result);
  }
  const caller =
    <Name extends EngineCall>(name: Name) =>
    (input: Input<Name>) =>
      call(name, input ?? {});

  /** Reports that were not read yet are replaced by the latest. */
  async function* searchProgress(
    input: Parameters<LogEngine['searchProgress']>[0],
  ): AsyncGenerator<SearchProgress, void, void> {
    let latest: SearchProgress | null = null;
    let wake = Promise.withResolvers<void>();
    const ending = new AbortController();
    const answering = ask(
      (id) => ({ kind: 'progress', id, input }),
      (part) => {
        latest = z.custom<SearchProgress>().parse(part);
        wake.resolve();
      },
    ).finally(() => {
      ending.abort();
      wake.resolve();
    });
    answering.catch(() => undefined);
    const take = () => {
      const taken = latest;
      latest = null;
      return taken;
    };
    while (!ending.signal.aborted) {
      await wake.promise;
      wake = Promise.withResolvers();
      const report = take();
      if (report !== null) yield report;
    }
    await answering;
    const last = take();
    if (last !== null) yield last;
  }

  return {
    listSources: caller('listSources'),
    append: async (batch) => {
      const release = await slots.acquire();
      try {
        await call('append', batch);
      } finally {
        release();
      }
    },
    addGap: caller('addGap'),
    removeGaps: caller('removeGaps'),
    setLimits: caller('setLimits'),
    openSearch: caller('openSearch'),
    searchPage: caller('searchPage'),
    searchProgress,
    searchContext: caller('searchContext'),
    listGaps: caller('listGaps'),
    readUsage: caller('readUsage'),
    removedUntil: caller('removedUntil'),
    cancelSearch: caller('cancelSearch'),
    readState: () => call('readState', {}),
    onState: states.on,
    close: async () => {
      try {
        await call('close', {});
      } finally {
        end();
      }
    },
  };
}
