import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Process group and foreground group of the terminal: fields 5 and 8 of proc_pid_stat(5). */
function isInForeground(): boolean {
  if (process.platform !== 'linux') return true;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields[2] === fields[5];
}

/**
 * Calls `listener` for each line of stdin until `stop`; the end of stdin is ignored. A background job does not read the
 * terminal, because reading would suspend the process; it starts to read after `fg`.
 */
export function onEnter(listener: () => void): { isHeard: boolean; stop: () => void } {
  const { stdin } = process;
  const lines = createInterface({ input: stdin, terminal: false });
  const update = (): void => {
    if (!stdin.isTTY || isInForeground()) lines.resume();
    else lines.pause();
  };
  lines.on('line', () => listener());
  // The terminal is gone or unreadable: no further lines can arrive.
  stdin.on('error', () => lines.close());
  process.on('SIGCONT', update);
  update();
  return {
    isHeard: stdin.isTTY && isInForeground(),
    stop: () => {
      process.off('SIGCONT', update);
      lines.close();
    },
  };
}
