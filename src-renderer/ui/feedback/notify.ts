import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { hrefOf } from '../../state/places.ts';
import { localMoments } from './Moment.tsx';
import overlay from '../layout/overlay.module.css';
import textStyles from '../text/text.module.css';

/** Shows a short message at the edge of the page, if the page has no better place for it. */
export function notify({
  title,
  text,
  tone,
  link,
  forMs = link !== undefined || tone === 'bad' ? 10_000 : 2500,
}: {
  title: string;
  text?: string;
  tone: 'ok' | 'warn' | 'bad';
  /** Link to the details. */
  link?: { to: string; text: string };
  /** The message covers the content below, so it stays only as long as it takes to read it. */
  forMs?: number;
}): void {
  const shown = text === undefined ? '' : localMoments(text);
  const id = notifications.show({
    title,
    message:
      link === undefined
        ? shown
        : createElement(
            'span',
            null,
            shown,
            ' ',
            createElement(
              'a',
              { href: hrefOf(link.to), className: textStyles.link, onClick: () => notifications.hide(id) },
              link.text,
            ),
          ),
    className: overlay.toast,
    closeButtonProps: { 'aria-label': 'Close' },
    autoClose: forMs,
    color: tone === 'ok' ? 'teal' : tone === 'warn' ? 'yellow' : 'red',
  });
}
