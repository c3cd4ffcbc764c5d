import { notify } from '../feedback/notify.ts';

/** Copies text to the clipboard and shows whether that worked. */
export function copyText(text: string, done = 'Copied'): void {
  navigator.clipboard.writeText(text).then(
    () => notify({ title: done, tone: 'ok' }),
    () => notify({ title: 'The browser blocked the clipboard', tone: 'warn' }),
  );
}
