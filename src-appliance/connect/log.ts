import { visibleText } from '../../src-shared/base/machineText.ts';

/** Writes one line: instant, level, text. Text from outside can neither break the line nor control a terminal. */
export type ConnectLog = (level: 'info' | 'warn' | 'error', message: string) => void;

export function createConnectLog(write: (line: string) => void, now: () => number = Date.now): ConnectLog {
  return (level, message) => {
    const text = visibleText(message).replaceAll(/[\n\t]/gu, ' ');
    write(`${new Date(now()).toISOString()} ${level.padEnd(5)} ${text}\n`);
  };
}
