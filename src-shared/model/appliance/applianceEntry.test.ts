import { describe, expect, test } from 'vitest';
import { anEntry, anInput } from '../../../test-support/anEntry.ts';
import { applianceEntrySchema, applianceInputSchema, userSchema } from './applianceEntry.ts';

describe.each(['group', 'cluster', 'description'] as const)('%s', (field) => {
  test.each([
    ['a\u202eb', '; character 2 is a right-to-left override (U+202E)'],
    ['a\u200bb', '; character 2 is a zero-width space (U+200B)'],
    ['a\u001b[2J', ''],
    ['a\nb', ''],
    ['a\tb', ''],
    ['a\u00a0b', '; character 2 is a no-break space (U+00A0)'],
    ['a\ufffdb', ''],
  ])('when the text is %j, rejects the input but reads a stored entry', (text, named) => {
    const read = applianceInputSchema.safeParse(anInput('kiln', { [field]: text }));
    expect(read.error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [[field], `one line without invisible characters${named}`],
    ]);
    expect(applianceEntrySchema.parse({ ...anEntry('kiln'), [field]: text })[field]).toBe(text);
  });

  test.each(['', 'north; wing', '東京 \u3000 é', '👨‍👩‍👧'])('when the text is %j, accepts it', (text) => {
    expect(applianceInputSchema.parse(anInput('kiln', { [field]: text }))[field]).toBe(text);
  });
});

test.each([
  "o'neil",
  'a"b',
  'a`b',
  'a,b',
  'a;b',
  'a&b',
  'a<b',
  'a>b',
  'a|b',
  'a(b',
  'a}b',
  '-a',
  ' a',
  'a ',
  'a -b',
  'a\\',
  'a\tb',
])('when ssh would refuse the user %j, says what a user name must not contain', (user) => {
  const { error } = userSchema.safeParse(user);
  expect(error?.issues[0]?.message).toMatch(/^ssh refuses user names that contain quotes, commas or any of/u);
});

test.each([String.raw`CORP\ada`, 'ada b', 'a$b', 'a@corp.example', '~a', 'a#b', 'a%b', 'a=b'])(
  'when ssh takes the user %s, accepts it',
  (user) => {
    expect(userSchema.parse(user)).toBe(user);
  },
);
