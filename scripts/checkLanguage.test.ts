import { expect, test } from 'vitest';
import { countAvoidedWords, findAvoidedWords, readTexts } from './checkLanguage.ts';

const source = `import { x } from './anew.ts';
// Nobody reads this comment.
export const one = 'It starts anew.';
export const two = \`Somebody \${x} else\`;
export const three = <p title="a">This is told
  by itself</p>;
`;

test('when a text holds an avoided word, names its file, line and word', () => {
  expect(findAvoidedWords('a.tsx', source)).toEqual([
    'a.tsx:3: "anew"',
    'a.tsx:4: "Somebody"',
    'a.tsx:5: "is told"',
    'a.tsx:6: "by itself"',
  ]);
});

test('when a word stands in a comment, counts it but does not list it', () => {
  expect(findAvoidedWords('a.ts', '// nobody\nconst a = 1;')).toEqual([]);
  expect(countAvoidedWords('// nobody\nconst a = 1;')).toBe(1);
});

test('when a longer word contains an avoided one, leaves it alone', () => {
  expect(findAvoidedWords('a.ts', "const a = 'the nobodysuit of an anewer'")).toEqual([]);
});

test('reads literals, templates and JSX text, with their positions', () => {
  expect(readTexts('a.tsx', "const a = 'b';").map(({ text, start }) => [text, start])).toEqual([['b', 10]]);
});
