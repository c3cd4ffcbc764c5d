import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readStructuredData } from './structuredData.ts';
import { parseSyslogLine } from './syslogParse.ts';

const read = (text: string) => readStructuredData(parseSyslogLine(text, { receivedAt: 0 }));
const start = '<165>1 2026-11-20T09:04:12Z kiln app 812 ID47 ';

test('when a line has structured data, returns elements, parameters and the message', () => {
  expect(read(`${start}[ex@1 iut="3" a="x\\]\\"\\\\y" a="2"][b@2] \ufeffhello [x]`)).toEqual({
    elements: [
      {
        id: 'ex@1',
        params: [
          { name: 'iut', value: '3' },
          { name: 'a', value: 'x]"\\y' },
          { name: 'a', value: '2' },
        ],
      },
      { id: 'b@2', params: [] },
    ],
    message: 'hello [x]',
  });
  expect(read(`${start}[only@1 a="é"]`)).toEqual({
    elements: [{ id: 'only@1', params: [{ name: 'a', value: 'é' }] }],
    message: '',
  });
});

test.each([
  `${start}- [not data] hello`,
  `${start}- hello`,
  `${start}[broken a="] hello`,
  '2026-11-20T09:04:12Z kiln app[1]: [ex@1 a="1"] hello',
  '[ex@1 a="1"] hello',
])('when the line is %s, it has no structured data', (text) => {
  expect(read(text)).toBeNull();
});

test('when values are random, they are read as they were written', () => {
  const name = fc.stringMatching(/^[a-z@.0-9]{1,32}$/u);
  fc.assert(
    fc.property(
      name,
      name,
      fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
      fc.stringMatching(/^[a-z ]*$/u),
      (id, key, value, said) => {
        const escaped = value.replaceAll(/["\\\]]/gu, String.raw`\$&`);
        expect(read(`${start}[${id} ${key}="${escaped}"] ${said}`)).toEqual({
          elements: [{ id, params: [{ name: key, value }] }],
          message: said,
        });
      },
    ),
  );
});
