import { secondMs } from '../../../../src-shared/base/time.ts';
import { toErrorData } from '../../../../src-shared/errors.ts';
import type { EngineMessage } from './protocol.ts';
import { serveLogEngine } from './serveEngine.ts';

/** What Electron gives its utility processes instead of Node's channel. */
type ParentPort = {
  on: (event: 'message', listener: (event: { data: unknown }) => void) => unknown;
  postMessage: (message: unknown) => void;
};

const isParentPort = (value: unknown): value is ParentPort =>
  typeof value === 'object' && value !== null && 'postMessage' in value;

/** The console, over Electron's channel or over Node's. */
function openChannel() {
  const port: unknown = 'parentPort' in process ? process.parentPort : null;
  if (isParentPort(port))
    return {
      send: (message: EngineMessage) => port.postMessage(message),
      onMessage: (listener: (message: unknown) => void) => port.on('message', ({ data }) => listener(data)),
      // Electron sends the last message in the background.
      close: () => void setTimeout(() => process.exit(), secondMs),
    };
  return {
    send: (message: EngineMessage) => {
      // With a callback, a console that was killed at this moment is no uncaught error.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener: (message: unknown) => void) => process.on('message', listener),
    close: () => process.disconnect(),
  };
}

/** Entry of the engine's own process, with the data folder as its argument. */
const [, , folder = ''] = process.argv;
const { send, onMessage, close } = openChannel();

try {
  onMessage(serveLogEngine({ folder, send }));
} catch (thrown) {
  send({ kind: 'failed', error: toErrorData(thrown) });
  close();
}
// A terminal sends its Ctrl+C to all processes of the console, which closes the store itself.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// The engine has no use without the console. What was not kept yet is read from the appliance again.
process.on('disconnect', () => process.exit());
