import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasTag, tagsSchema } from './tags.ts';

test('when tags differ only in case or spaces, keeps the first spelling', () => {
  expect(tagsSchema.parse([' Berlin ', 'berlin', 'DMZ', 'BERLIN', 'dmz'])).toEqual(['Berlin', 'DMZ']);
});

test.each([
  ['an empty word', ['']],
  ['spaces alone', ['  ']],
  ['a comma', ['a,b']],
  ['a semicolon', ['a;b']],
  ['a line feed', ['a\nb']],
  ['a hidden character', ['a\u202eb']],
  ['more than 32 characters', ['a'.repeat(33)]],
  ['more than 16 tags', Array.from({ length: 17 }, (_, at) => `tag ${at}`)],
])('rejects %s', (_, tags) => {
  expect(tagsSchema.safeParse(tags).success).toBe(false);
});

test('when searching for a tag, ignores case and outer spaces', () => {
  expect(['berlin', ' BERLIN', 'ber'].map((word) => hasTag(['Berlin'], word))).toEqual([true, true, false]);
});

test('when accepted tags are checked again, they stay the same, and no two differ only in case', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 20 }), (tags) => {
      const accepted = tagsSchema.safeParse(tags).data;
      if (accepted === undefined) return;
      expect(tagsSchema.parse(accepted)).toEqual(accepted);
      expect(new Set(accepted.map((tag) => tag.toLowerCase())).size).toBe(accepted.length);
    }),
  );
});
