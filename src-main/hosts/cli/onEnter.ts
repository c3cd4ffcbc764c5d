import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Process group and the terminal's foreground group: fields 5 and 8 of proc_pid_stat(5), counted behind the name. */
function isInForeground(): boolean {
  if (process.platform !== 'linux') return true;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields[2] === fields[5];
}

/**
 * Calls `listener` for each line of stdin, until `stop`. The end of stdin ends nothing. A job in the background leaves the
 * terminal alone, since reading it would suspend the whole process; `fg` makes it listen.
 */
export function onEnter(listener: () => void): { isHeard: boolean; stop: () => void } {
  const { stdin } = process;
  const lines = createInterface({ input: stdin, terminal: false });
  const update = (): void => {
    if (!stdin.isTTY || isInForeground()) lines.resume();
    else lines.pause();
  };
  lines.on('line', () => listener());
  // A terminal that is gone, or that may not be read: there is nothing to hear any more.
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
