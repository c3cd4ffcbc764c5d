import type { z } from 'zod';
import { AppError, toErrorData } from '../../../../src-shared/errors.ts';
import { createLogEngine, type LogEngine } from './engine.ts';
import {
  engineCallSchemas as schemas,
  engineRequestSchema,
  isEngineCall,
  type EngineCall,
  type EngineMessage,
  type EngineRequest,
} from './protocol.ts';

type Send = (message: EngineMessage) => void;

function handle<Input>(schema: z.ZodType<Input>, work: (input: Input) => Promise<unknown>) {
  return (input: unknown) => {
    const checked = schema.safeParse(input);
    if (checked.success) return work(checked.data);
    throw new AppError('INVALID_INPUT', `The log store was asked wrongly: ${checked.error.message}`);
  };
}

function createHandlers(engine: LogEngine): Record<EngineCall, (input: unknown) => Promise<unknown>> {
  return {
    listSources: handle(schemas.listSources, engine.listSources),
    append: handle(schemas.append, engine.append),
    addGap: handle(schemas.addGap, engine.addGap),
    removeGaps: handle(schemas.removeGaps, engine.removeGaps),
    setLimits: handle(schemas.setLimits, engine.setLimits),
    openSearch: handle(schemas.openSearch, engine.openSearch),
    searchPage: handle(schemas.searchPage, engine.searchPage),
    searchContext: handle(schemas.searchContext, engine.searchContext),
    listGaps: handle(schemas.listGaps, engine.listGaps),
    readUsage: handle(schemas.readUsage, engine.readUsage),
    removedUntil: handle(schemas.removedUntil, engine.removedUntil),
    cancelSearch: handle(schemas.cancelSearch, engine.cancelSearch),
    readState: handle(schemas.readState, engine.readState),
    close: handle(schemas.close, engine.close),
  };
}

/** Serves an engine to the process that started this one. Returns what takes its messages. */
export function serveLogEngine({ folder, send }: { folder: string; send: Send }): (message: unknown) => void {
  const engine = createLogEngine({ folder });
  const handlers = createHandlers(engine);

  async function answer(request: EngineRequest): Promise<unknown> {
    if (request.kind === 'progress') {
      for await (const part of engine.searchProgress(request.input))
        send({ kind: 'part', id: request.id, part });
      return null;
    }
    if (!isEngineCall(request.name)) throw new AppError('INVALID_INPUT', 'The log store has no such call.');
    return handlers[request.name](request.input);
  }
  engine.onState((state) => send({ kind: 'state', state }));
  send({ kind: 'ready' });
  return (message) => {
    const request = engineRequestSchema.parse(message);
    const { id } = request;
    answer(request).then(
      (result) => send({ kind: 'result', id, result: result ?? null }),
      (thrown: unknown) => send({ kind: 'error', id, error: toErrorData(thrown) }),
    );
  };
}
