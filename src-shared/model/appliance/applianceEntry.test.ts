import { describe, expect, test } from 'vitest';
import { anEntry, anInput } from '../../../test-support/anEntry.ts';
import { applianceEntrySchema, applianceInputSchema } from './applianceEntry.ts';

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
