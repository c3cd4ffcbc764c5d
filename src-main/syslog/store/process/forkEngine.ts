import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineChannel } from './protocol.ts';

/** Megabytes of V8's heap in the engine's process **[ours]**. */
const maxHeapMb = 128;
const maxYoungHeapMb = 8;

/** From source, the program is a TypeScript file; in a build, it is a JavaScript file beside the bundle. */
function programFile(): string {
  return fileURLToPath(
    new URL(`engineProcess.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
}

/** Starts the engine's process under Node. `launcher`: a command that runs the command after it. */
export function forkEngine(folder: string, launcher: readonly string[] = []): EngineChannel {
  const [execPath, ...words] = [...launcher, process.execPath];
  const child = fork(programFile(), [folder], {
    serialization: 'advanced',
    execPath,
    execArgv: [
      ...words,
      '--disable-warning=ExperimentalWarning',
      `--max-old-space-size=${maxHeapMb}`,
      `--max-semi-space-size=${maxYoungHeapMb}`,
    ],
    // Each arena of malloc keeps memory that it freed; blocks are decoded on several threads.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return {
    send: (message) => {
      if (child.connected) child.send(message);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => {
      let hasEnded = false;
      const end = () => {
        if (!hasEnded) listener();
        hasEnded = true;
      };
      child.on('exit', end);
      child.on('error', end);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
