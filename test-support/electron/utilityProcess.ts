import { fork } from 'node:child_process';
import type { UtilityProcessPart } from '../../src-main/hosts/desktop/electronParts.ts';

/** Loaded before the program: what Electron gives a utility process, over Node's own channel. */
const parentPortModule = `data:text/javascript,${encodeURIComponent(`
  process.parentPort = {
    on: (event, listener) => process.on(event, (data) => listener({ data })),
    postMessage: (message) => process.send(message),
  };
`)}`;

/** Stands in for Electron's utility processes: a process of its own that has `process.parentPort`. */
export const utilityProcess: UtilityProcessPart = {
  fork: (modulePath, args, options) => {
    const child = fork(modulePath, args, {
      serialization: 'advanced',
      execArgv: [...options.execArgv, '--disable-warning=ExperimentalWarning', '--import', parentPortModule],
      env: options.env,
      stdio: [...options.stdio, 'ipc'],
    });
    return {
      on: (event, listener) => child.on(event, listener),
      once: (event, listener) => child.once(event, listener),
      postMessage: (message) => void (child.connected && child.send(Object(message))),
      kill: () => child.kill('SIGKILL'),
    };
  },
};
