import { visibleText } from '../../src-shared/base/machineText.ts';

/**
 * Writes a line with time, level and text. Text from other machines can't break the line or control a
 * terminal.
 */
export type ConnectLog = (level: 'info' | 'warn' | 'error', message: string) => void;

export function createConnectLog(write: (line: string) => void, now: () => number = Date.now): ConnectLog {
  return (level, message) => {
    const text = visibleText(message).replaceAll(/[\n\t]/gu, ' ');
    write(`${new Date(now()).toISOString()} ${level.padEnd(5)} ${text}\n`);
  };
}
