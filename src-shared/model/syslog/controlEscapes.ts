import { decodeLogBytes } from './logBytes.ts';

/** rsyslog writes a control character as `#` and three octal digits, and other bytes too if it is set so. */
const escapeRun = /(?:#(?:0[0-3][0-7]|177|[23][0-7]{2}))+/gu;
const validRun = /^[^\udc80-\udcff]*$/u;

/**
 * The text with the control characters that rsyslog escaped, such as `#011` (tab) and `#012` (line feed), to show an entry
 * of several lines. Escaped bytes above 127 are read if together they are UTF-8. The line itself keeps the escapes:
 * a program may have written `#012`, too.
 */
export function decodeControlEscapes(text: string): string {
  if (!text.includes('#')) return text;
  return text.replaceAll(escapeRun, (run) => {
    const bytes = run.slice(1).split('#');
    const decoded = decodeLogBytes(Uint8Array.from(bytes, (octal) => Number.parseInt(octal, 8)));
    return validRun.test(decoded) ? decoded : run;
  });
}
