import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { hrefOf } from '../state/places.ts';

/** A short word at the edge of the page; for what has no place of its own on it. */
export function notify({
  title,
  text,
  tone,
  link,
}: {
  title: string;
  text?: string;
  tone: 'ok' | 'warn' | 'bad';
  /** Where the whole of it stands; shown until it is put away. */
  link?: { to: string; text: string };
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
              { href: hrefOf(link.to), className: 'link', onClick: () => notifications.hide(id) },
              link.text,
            ),
          ),
    className: 'toast',
    autoClose: link !== undefined ? 20_000 : tone === 'bad' ? 12_000 : 2500,
    color: tone === 'ok' ? 'teal' : tone === 'warn' ? 'yellow' : 'red',
  });
}
