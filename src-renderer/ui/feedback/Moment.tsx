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

/** Formats `11-20 09:30:10.100` in local time with `digits` digits of the second, for log lines. */
export function formatLineTime(instant: string, digits = 3): string {
  const date = new Date(instant);
  const fraction = String(date.getMilliseconds()).padStart(3, '0').slice(0, digits);
  return `${dateParts.format(date).slice(5)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** An instant in local time, with UTC in the tooltip. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatInstant(at)} className={text.mono}>
      {formatLocal(at)}
    </time>
  );
}

/** Converts a text of `formatInstant` to ISO 8601. */
function readInstant(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.000Z`;
}

/**
 * Converts the UTC instants in a sentence of the console to local time. For tooltips; elsewhere use
 * `MomentText`.
 */
export function localMoments(sentence: string): string {
  return visibleText(sentence).replaceAll(new RegExp(instantInText, 'gu'), (found) =>
    formatLocal(readInstant(found)),
  );
}

/** A sentence of the console. Its UTC instants are shown in local time, with UTC in the tooltip. */
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
