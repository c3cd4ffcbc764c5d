import { formatInstant } from '../../../src-shared/base/time.ts';
import text from '../text/text.module.css';

const dateParts = new Intl.DateTimeFormat('sv-SE', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** `2026-11-20 09:30:00` in the operator's zone. */
export function formatLocal(instant: string): string {
  return dateParts.format(new Date(instant));
}

/** `11-20 09:30:10.100` in the operator's time zone, for lists of lines. */
export function formatLineTime(instant: string): string {
  const date = new Date(instant);
  return `${dateParts.format(date).slice(5)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Local time; a tooltip shows UTC. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatInstant(at)} className={text.mono}>
      {formatLocal(at)}
    </time>
  );
}
