import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeControlEscapes } from './controlEscapes.ts';

test.each([
  ['Traceback:#012#011File "a.py"', 'Traceback:\n\tFile "a.py"'],
  ['a#000b#033[31m#177', 'a\0b\u001b[31m\u007f'],
  ['gr#303#274n', 'grün'],
  ['gr#374n', 'gr#374n'],
  ['issue #12, #1234, #400, #038', 'issue #12, #1234, #400, #038'],
  ['#', '#'],
])('when the text is %s, shows %j', (text, shown) => {
  expect(decodeControlEscapes(text)).toBe(shown);
});

const escape = (text: string) =>
  text.replaceAll(/[\0-\x1f\x7f]/gu, (sign) => `#${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);

test('when rsyslog escaped a text, the text is shown again', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom('\n', '\t', '\u007f', '\0', 'é'),
          fc.string({ minLength: 1, maxLength: 1 }),
        ),
      }),
      (text) => {
        fc.pre(!/#[0-7]{3}/u.test(text) && !/#[0-7]{0,2}[\0-\x1f\x7f]/u.test(text));
        expect(decodeControlEscapes(escape(text))).toBe(text);
      },
    ),
  );
});
