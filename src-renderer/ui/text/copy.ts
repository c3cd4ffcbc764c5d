import { notify } from '../feedback/notify.ts';

/** Puts text on the clipboard and says so; says so too when the browser does not allow it. */
export function copyText(text: string, done = 'Copied'): void {
  navigator.clipboard.writeText(text).then(
    () => notify({ title: done, tone: 'ok' }),
    () => notify({ title: 'The browser blocked the clipboard', tone: 'warn' }),
  );
}
