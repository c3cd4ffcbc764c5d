import { visibleText } from '../../../src-shared/base/machineText.ts';
import { formatInstant, instantInText } from '../../../src-shared/base/time.ts';
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

/** `11-20 09:30:10.100` with as many digits of a second as are known, in the operator's time zone, for lists of lines. */
export function formatLineTime(instant: string, digits = 3): string {
  const date = new Date(instant);
  const fraction = String(date.getMilliseconds()).padStart(3, '0').slice(0, digits);
  return `${dateParts.format(date).slice(5)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Local time; a tooltip shows UTC. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatInstant(at)} className={text.mono}>
      {formatLocal(at)}
    </time>
  );
}

/** The instant that `formatInstant` wrote, as ISO 8601. */
function readInstant(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.000Z`;
}

/** A sentence of the console, whose moments are in UTC, with each of them in local time. For titles; else `MomentText`. */
export function localMoments(sentence: string): string {
  return visibleText(sentence).replaceAll(new RegExp(instantInText, 'gu'), (found) =>
    formatLocal(readInstant(found)),
  );
}

/** A sentence of the console, whose moments are in UTC: each shows in local time, and in UTC on hover. */
export function MomentText({ text: sentence }: { text: string }) {
  const parts = visibleText(sentence).split(new RegExp(`(${instantInText.source})`, 'u'));
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 0 ? (
          part
        ) : (
          <time key={`${index}${part}`} dateTime={readInstant(part)} title={part}>
            {formatLocal(readInstant(part))}
          </time>
        ),
      )}
    </>
  );
}
