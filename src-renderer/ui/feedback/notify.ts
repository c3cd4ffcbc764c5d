import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { hrefOf } from '../../state/places.ts';
import { localMoments } from './Moment.tsx';
import { ToastAction } from './ToastAction.tsx';
import overlay from '../layout/overlay.module.css';
import textStyles from '../text/text.module.css';

/**
 * Closes the pop-up after `afterMs`, but not while it has the pointer or the focus. The library's own timer
 * ignores the focus.
 */
function closeUnlessHeld(hide: () => void, afterMs: number) {
  let timer = setTimeout(hide, afterMs);
  const stop = (): void => clearTimeout(timer);
  const start = (): void => {
    stop();
    timer = setTimeout(hide, afterMs);
  };
  return {
    autoClose: false,
    onMouseEnter: stop,
    onMouseLeave: start,
    onFocusCapture: stop,
    onBlurCapture: start,
  };
}

let lastAction: string | null = null;

/** Shows a short message at the edge of the page, if the page has no better place for it. */
export function notify({
  title,
  text,
  tone,
  link,
  action,
  forMs = link !== undefined || action !== undefined || tone === 'bad' ? 10_000 : 2500,
}: {
  title: string;
  text?: string;
  tone: 'ok' | 'warn' | 'bad';
  /** Link to the details. */
  link?: { to: string; text: string };
  /** An action on the event, e.g. Undo. Only the latest such pop-up shows it. */
  action?: { text: string; run: () => void };
  /** How long the pop-up stays. Just long enough to read it, because it covers the content below. */
  forMs?: number;
}): void {
  let hasRun = false;
  const hide = (): void => void notifications.hide(id);
  if (action !== undefined && lastAction !== null) notifications.hide(lastAction);
  const parts = [
    text === undefined ? undefined : localMoments(text),
    link &&
      createElement(
        'a',
        { key: 'link', href: hrefOf(link.to), className: textStyles.link, onClick: hide },
        link.text,
      ),
    action &&
      createElement(ToastAction, {
        key: 'action',
        action: {
          text: action.text,
          run: () => {
            // The pop-up fades out for a moment. Ignore a second press during that time.
            if (hasRun) return;
            hasRun = true;
            hide();
            action.run();
          },
        },
      }),
  ].filter((part) => part !== undefined);
  const id = notifications.show({
    title,
    message: createElement('span', { className: overlay.toastText }, parts),
    className: overlay.toast,
    closeButtonProps: { 'aria-label': 'Close' },
    ...(action === undefined ? { autoClose: forMs } : closeUnlessHeld(hide, forMs)),
    color: tone === 'ok' ? 'teal' : tone === 'warn' ? 'yellow' : 'red',
  });
  if (action !== undefined) lastAction = id;
}
