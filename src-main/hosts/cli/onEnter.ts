import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Whether this process is in the terminal's foreground group. Compares fields 5 and 8 of proc_pid_stat(5).
 */
function isInForeground(): boolean {
  if (process.platform !== 'linux') return true;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields[2] === fields[5];
}

/**
 * Calls `listener` for each line of stdin until `stop`. Pauses while the process is a background job, because
 * reading the terminal would suspend it; continues after `fg`.
 */
export function onEnter(listener: () => void): { isListening: boolean; stop: () => void } {
  const { stdin } = process;
  const lines = createInterface({ input: stdin, terminal: false });
  const update = (): void => {
    if (!stdin.isTTY || isInForeground()) lines.resume();
    else lines.pause();
  };
  lines.on('line', () => listener());
  // The terminal was closed or can't be read, so no more lines can arrive.
  stdin.on('error', () => lines.close());
  process.on('SIGCONT', update);
  update();
  return {
    isListening: stdin.isTTY && isInForeground(),
    stop: () => {
      process.off('SIGCONT', update);
      lines.close();
    },
  };
}
