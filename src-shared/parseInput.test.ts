import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput } from './parseInput.ts';

const schema = z.strictObject({
  name: z.string().regex(/^[a-z]+$/u, 'use small letters'),
  values: z.strictObject({ password: z.string().max(3).optional() }),
});

test('when the input is valid, returns what the schema makes of it', () => {
  expect(parseInput(schema, { name: 'a', values: {} })).toEqual({ name: 'a', values: {} });
  expect(parseInput(z.string().trim(), ' a ')).toBe('a');
});

test.each([
  [{ name: 'A', values: {} }, 'name: use small letters.'],
  [
    { name: 'A', values: { password: 'secret' } },
    'name: use small letters. values.password: Too big: expected string to have <=3 characters.',
  ],
  ['secret', 'Invalid input: expected object, received string.'],
])('when the input is %j, rejects it with INVALID_INPUT and does not repeat it', (input, message) => {
  expect(() => parseInput(schema, input)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message, retryable: false }),
  );
});
