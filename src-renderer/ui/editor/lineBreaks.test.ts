import { expect, test } from 'vitest';
import { createLineBreaks } from './lineBreaks.ts';

test.each([
  ['Unix', 'a: 1\nbb: 2\n\nc: 3\n'],
  ['Windows', 'a: 1\r\nbb: 2\r\n\r\nc: 3\r\n'],
  ['mixed', 'a: 1\r\nbb: 2\nc: 3\r\n'],
])(
  'when a text has %s line breaks, each of its characters is found in the document and back',
  (_kind, text) => {
    const breaks = createLineBreaks(text);
    const document = text.replaceAll('\r\n', '\n');
    for (let at = 0; at <= text.length; at += 1) {
      if (text[at] === '\n' && text[at - 1] === '\r') continue;
      const inDocument = breaks.toDocument(at);
      expect(document.slice(inDocument)).toBe(text.slice(at).replaceAll('\r\n', '\n'));
      expect(breaks.toText(inDocument)).toBe(at);
    }
  },
);

test('when a text has Windows line breaks, they are kept', () => {
  expect([createLineBreaks('a\r\nb').lineBreak, createLineBreaks('a\nb').lineBreak]).toEqual(['\r\n', '\n']);
});
