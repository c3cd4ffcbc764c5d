import { visibleText } from '../../../src-shared/base/machineText.ts';
import { notify } from '../feedback/notify.ts';

/** Copies text to the clipboard and shows whether that worked. */
export function copyText(text: string, done = 'Copied'): void {
  navigator.clipboard.writeText(text).then(
    () => notify({ title: done, tone: 'ok' }),
    () => notify({ title: 'The browser blocked the clipboard', tone: 'warn' }),
  );
}

/** Like `copyText`, for text from a machine: control characters, which a terminal runs, become visible signs. */
export function copyMachineText(text: string, done?: string): void {
  copyText(visibleText(text), done);
}
