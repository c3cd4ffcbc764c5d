import { notifications } from '@mantine/notifications';

/** A short word at the edge of the page; for what has no place of its own on it. */
export function notify({
  title,
  text,
  tone,
}: {
  title: string;
  text?: string;
  tone: 'ok' | 'warn' | 'bad';
}): void {
  notifications.show({
    title,
    message: text ?? '',
    className: 'toast',
    autoClose: tone === 'bad' ? 12_000 : 2500,
    color: tone === 'ok' ? 'teal' : tone === 'warn' ? 'yellow' : 'red',
  });
}
