import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { hrefOf } from '../../state/places.ts';
import overlay from '../layout/overlay.module.css';
import textStyles from '../text/text.module.css';

/** A short word at the edge of the page; for what has no place of its own on it. */
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
  /** Where the whole of it stands. */
  link?: { to: string; text: string };
  /** It covers what lies below: nothing stays for longer than it takes to read it. */
  forMs?: number;
}): void {
  const id = notifications.show({
    title,
    message:
      link === undefined
        ? (text ?? '')
        : createElement(
            'span',
            null,
            text,
            ' ',
            createElement(
              'a',
              { href: hrefOf(link.to), className: textStyles.link, onClick: () => notifications.hide(id) },
              link.text,
            ),
          ),
    className: overlay.toast,
    autoClose: forMs,
    color: tone === 'ok' ? 'teal' : tone === 'warn' ? 'yellow' : 'red',
  });
}
