import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashField, hashInput, type HashedField } from './hashedFields.ts';

/** Computed with `printf %s TEXT | md5sum`, and listed in docs/usage-reports.md. */
const vectors: [HashedField, string, string, string][] = [
  ['userName', 'anna@example.com', 'anna@example.com', '6b56db1f84a3997b902509d3fbf0a306'],
  ['userName', '  Anna@Example.COM\t', 'anna@example.com', '6b56db1f84a3997b902509d3fbf0a306'],
  ['userName', 'Ju\u0308rgen', 'jürgen', '7851c40ff7c52e30547a9aca77a86ed3'],
  ['userName', 'JÜRGEN', 'jürgen', '7851c40ff7c52e30547a9aca77a86ed3'],
  ['userId', 'U-42', 'U-42', 'dedfba39ebc5bf39b0fe76520abfe08f'],
  ['userId', ' u-42', ' u-42', '48a3969eeea3c9ca0d6642e8462b4c40'],
  ['userDomain', 'Example.COM', 'example.com', '5ababd603b22780302dd8d83498e5172'],
  ['account', '118', '118', '5ef059938ba799aaa845e1c2e8a762bd'],
];

describe('the hash of a field', () => {
  it.each(vectors)('when %s is %j, is the MD5 of %j', (field, value, input, expected) => {
    expect(hashInput(field, value)).toBe(input);
    expect(hashField(field, value)).toBe(expected);
    expect(createHash('md5').update(input, 'utf8').digest('hex')).toBe(expected);
  });

  it.each(['', '   ', null])('when the name is %j, is null instead of the hash of nothing', (value) => {
    expect(hashField('userName', value)).toBeNull();
  });
});
