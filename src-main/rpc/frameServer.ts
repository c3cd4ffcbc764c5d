import { RPCHandler } from '@orpc/server/websocket';
import { AppError } from '../../src-shared/errors.ts';
import type { CallContext } from './context.ts';
import { toRpcError } from './errors.ts';
import { readRequestFrame } from './requestFrame.ts';
import { router } from './router.ts';

/** Maximum number of open calls and streams of one page. The busiest page needs a tenth of it. */
export const maxOpenCalls = 256;
/** Only this many problems are logged per page, so that a broken or foreign page can't fill the log. */
const maxReports = 3;

const handler = new RPCHandler<CallContext>(router, {
  interceptors: [
    async (call) => {
      try {
        return await call.next();
      } catch (thrown) {
        throw toRpcError(thrown, call.context.services.log);
      }
    },
  ],
});

/**
 * Answers the frames of a page, for both transports. Malformed frames with an ID get INVALID_INPUT, calls
 * above the limit get BUSY. Streams wait for the promise of `send`. `end` aborts all calls and streams.
 */
export function createFrameServer(options: { send: (text: string) => unknown; context: CallContext }) {
  const { send, context } = options;
  const { log } = context.services;
  const wire = { addEventListener: () => {}, send };
  let openCalls = 0;
  let reports = 0;

  function report(detail: { code: string } | { err: unknown }, message: string): void {
    reports += 1;
    if (reports <= maxReports) log.warn(detail, message);
  }

  function refuse(id: string | null, error: AppError): void {
    report({ code: error.code }, 'refused a frame of the page');
    if (id === null) return;
    const answer = toRpcError(error, log);
    try {
      send(JSON.stringify({ i: id, p: { s: answer.status, b: { json: answer.toJSON() } } }));
    } catch (thrown) {
      report({ err: thrown }, 'a refusal could not be sent');
    }
  }

  async function handle(text: string): Promise<void> {
    try {
      await handler.message(wire, text, { context });
    } catch (thrown) {
      report({ err: thrown }, 'a call failed outside its procedure');
    }
  }

  return {
    receive: (data: unknown): void => {
      const frame = readRequestFrame(data);
      if (frame.kind === 'malformed') return refuse(frame.id, new AppError('INVALID_INPUT', frame.problem));
      if (frame.kind === 'abort') return void handle(frame.text);
      if (openCalls >= maxOpenCalls)
        return refuse(frame.id, new AppError('BUSY', `This page has ${maxOpenCalls} open calls already.`));
      openCalls += 1;
      void handle(frame.text).finally(() => (openCalls -= 1));
    },
    end: (): void => {
      if (reports > maxReports) log.warn({ reports }, 'only the first problems of this page were logged');
      handler.close(wire);
    },
  };
}
