import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineChannel } from './protocol.ts';

/** Limits of V8's heap in the engine's process, in megabytes **[ours]**. */
export const engineFlags = ['--max-old-space-size=128', '--max-semi-space-size=8'];

/** Each arena of malloc keeps memory that it freed; blocks are decoded on several threads. */
export const engineEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, MALLOC_ARENA_MAX: '2' });

/** From source, the program is a TypeScript file; in a build, it is a JavaScript file beside the bundle. */
export function engineFile(): string {
  return fileURLToPath(
    new URL(`engineProcess.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
  );
}

/** Starts the engine's process under Node. `launcher`: a command that runs the command after it. */
export function forkEngine(folder: string, launcher: readonly string[] = []): EngineChannel {
  const [execPath, ...words] = [...launcher, process.execPath];
  const child = fork(engineFile(), [folder], {
    serialization: 'advanced',
    execPath,
    execArgv: [...words, '--disable-warning=ExperimentalWarning', ...engineFlags],
    env: engineEnvironment(),
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
