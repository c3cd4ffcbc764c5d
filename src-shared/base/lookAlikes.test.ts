import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applianceNameSchema, hostSchema, userSchema } from '../model/appliance/applianceEntry.ts';
import { fingerprintSchema } from '../model/appliance/hostKey.ts';
import { findKeyPathFault } from '../model/appliance/keyPath.ts';
import { clientIdSchema } from '../model/tenants/clientId.ts';
import { readPublicKey } from '../model/tenants/publicKey.ts';
import { sampleTenantCsv } from '../model/tenants/tenantCsv.ts';
import { describeLookAlike, findLookAlikes, withLookAlike } from './lookAlikes.ts';

test.each([
  ['\u00a0', 'a no-break space (U+00A0)', ' '],
  ['\u202f', 'a narrow no-break space (U+202F)', ' '],
  ['\u2007', 'a figure space (U+2007)', ' '],
  ['\u3000', 'an ideographic space (U+3000)', ' '],
  ['\u200b', 'a zero-width space (U+200B)', ''],
  ['\u00ad', 'a soft hyphen (U+00AD)', ''],
  ['\ufeff', 'a byte order mark (U+FEFF)', ''],
  ['\u202e', 'a right-to-left override (U+202E)', null],
  ['\u201c', 'a curly quote (U+201C)', '"'],
  ['\u2019', 'a curly quote (U+2019)', "'"],
  ['\u2013', 'an en dash (U+2013)', '-'],
  ['\u2212', 'a minus sign (U+2212)', '-'],
  ['\uff1a', 'a full-width : (U+FF1A)', ':'],
  ['\uff12', 'a full-width 2 (U+FF12)', '2'],
  ['\u0430', 'a Cyrillic letter that looks like a (U+0430)', null],
  ['\u0405', 'a Cyrillic letter that looks like S (U+0405)', null],
  ['\u039f', 'a Greek letter that looks like O (U+039F)', null],
  ['\u03c5', 'a Greek letter that looks like u (U+03C5)', null],
])('names %j as %s', (character, name, plain) => {
  const [found] = findLookAlikes(`ab${character}`);
  expect(found).toMatchObject({ at: 2, character, plain });
  expect(found === undefined ? null : describeLookAlike(found)).toBe(name);
});

test.each(['kiln-01', 'Z\u00fcrich', '\u90e8\u9580', '\u{1f469}', 'tab\tline\n', ''])(
  'when the text is %j, finds none',
  (text) => {
    expect(findLookAlikes(text)).toEqual([]);
    expect(withLookAlike('not valid', text)).toBe('not valid');
  },
);

const key = sampleTenantCsv.split('\r\n')[1]?.split(',')[1] ?? '';
const utf16 = Buffer.from(`\ufeff${key}\r\n`, 'utf16le');

const schemaMessage = (schema: typeof hostSchema) => (text: string) =>
  schema
    .safeParse(text)
    .error?.issues.map(({ message }) => message)
    .join() ?? null;

test.each<[string, (text: string) => string | null, string, string]>([
  ['a host', schemaMessage(hostSchema), 'kiln\u201301', 'character 5 is an en dash (U+2013)'],
  ['a host', schemaMessage(hostSchema), 'k\u0456ln', 'character 2 is a Cyrillic letter that looks like i'],
  ['an appliance name', schemaMessage(applianceNameSchema), 'kiln\u00ad', 'character 5 is a soft hyphen'],
  ['a user', schemaMessage(userSchema), 'op\u200bs', 'character 3 is a zero-width space (U+200B)'],
  ['a client ID', schemaMessage(clientIdSchema), 'acme\uff11', 'character 5 is a full-width 1 (U+FF11)'],
  [
    'a fingerprint',
    schemaMessage(fingerprintSchema),
    `SHA256\uff1a${'a'.repeat(43)}`,
    'character 7 is a full-width :',
  ],
  ['a key path', findKeyPathFault, '/home/a\u202e/k', 'character 8 is a right-to-left override'],
  [
    'a public key',
    (text) => readPublicKey(text).problem,
    key.replace(' ', '\u00a0'),
    'character 12 is a no-break space',
  ],
  [
    'a public key',
    (text) => readPublicKey(text).problem,
    `\u201c${key}\u201d`,
    'character 1 is a curly quote',
  ],
  [
    'a public key',
    (text) => readPublicKey(text).problem,
    utf16.toString('utf8'),
    'the text is UTF-16 LE, not UTF-8',
  ],
  [
    'a public key',
    (text) => readPublicKey(text).problem,
    utf16.swap16().toString('utf8'),
    'the text is UTF-16 BE',
  ],
  [
    'a public key',
    (text) => readPublicKey(text).problem,
    `${key}\n${'\0'.repeat(50)}`,
    '50 NUL bytes in line 2',
  ],
])('when %s is refused, says which character is the reason', (_what, refuse, text, reason) => {
  expect(refuse(text)).toContain(reason);
});

test('when the comment of a public key has other letters, takes it', () => {
  expect(readPublicKey(key.replace('sample-1', 'Ada\u2019s \u2013 \u0430\u00a0key')).problem).toBeNull();
});

test('when all look-alikes are replaced, there are none left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let plain = text;
      for (const { at, character, plain: meant } of findLookAlikes(text).toReversed()) {
        expect(text.slice(at, at + character.length)).toBe(character);
        plain = `${plain.slice(0, at)}${meant ?? ''}${plain.slice(at + character.length)}`;
      }
      expect(findLookAlikes(plain)).toEqual([]);
    }),
  );
});
