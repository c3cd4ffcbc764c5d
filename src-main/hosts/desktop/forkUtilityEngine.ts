import { engineEnvironment, engineFile, engineFlags } from '../../syslog/store/process/forkEngine.ts';
import type { EngineChannel } from '../../syslog/store/process/protocol.ts';
import type { UtilityProcessPart } from './electronParts.ts';

/**
 * Starts the process of the log store as Electron's utility process: a packaged program can't run itself as Node, because
 * its fuse `runAsNode` is off. Call it after the app is ready.
 */
export function forkUtilityEngine(utilityProcess: UtilityProcessPart, folder: string): EngineChannel {
  const child = utilityProcess.fork(engineFile(), [folder], {
    execArgv: engineFlags,
    env: engineEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
    serviceName: 'Sallyport log store',
  });
  return {
    send: (message) => child.postMessage(message, []),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    kill: () => void child.kill(),
  };
}
