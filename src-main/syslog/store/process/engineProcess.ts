import { toErrorData } from '../../../../src-shared/errors.ts';
import type { EngineMessage } from './protocol.ts';
import { serveLogEngine } from './serveEngine.ts';

/** Entry of the engine's own process, started by `forkEngine.ts` with the data folder as its argument. */
const [, , folder = ''] = process.argv;
const send = (message: EngineMessage) => {
  // With a callback, a console that was killed at this moment is no uncaught error.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

try {
  process.on('message', serveLogEngine({ folder, send }));
} catch (thrown) {
  send({ kind: 'failed', error: toErrorData(thrown) });
  process.disconnect();
}
// A terminal sends its Ctrl+C to all processes of the console, which closes the store itself.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// The engine has no use without the console. What was not kept yet is read from the appliance again.
process.on('disconnect', () => process.exit());
