import { expect, test } from 'vitest';
import { completeDraft, helpInDraft } from './completeDraft.ts';

const labelsAt = (text: string) =>
  completeDraft(text.replace('|', ''), text.indexOf('|'))?.options.map(({ label }) => label) ?? null;

test.each([
  ['an empty file', '|', ['hostname', 'license_code', 'ssl', 'redis', 'db', 'api', 'devs', 'pki']],
  ['a map with a key', 'db:\n  port: 1\n  |', ['name', 'user', 'password', 'host']],
  [
    'a file with a group',
    'api:\n  aes_key: x\n|',
    ['hostname', 'license_code', 'ssl', 'redis', 'db', 'devs', 'pki'],
  ],
  ['unfinished YAML', 'db: {\napi:\n  s|', ['secret_key', 'aes_key']],
  ['a switch', 'ssl:\n  is_configured: t|', ['true', 'false']],
  ['a value of any text', 'hostname: b|', null],
  ['an unknown map', 'smtp:\n  |', null],
  ['a comment', '# db|', null],
])('when the cursor is in %s, completes what fits', (_where, text, labels) => {
  expect(labelsAt(text)).toEqual(labels);
});

test('when a group is chosen, the cursor goes below it with the right indentation', () => {
  const options = completeDraft('d', 1)?.options ?? [];
  expect(options.find(({ label }) => label === 'db')).toMatchObject({ insert: 'db:\n  ', detail: 'keys' });
  expect(options.find(({ label }) => label === 'hostname')?.insert).toBe('hostname: ');
});

test('when the pointer is on a key, says what it means and what it must be', () => {
  const text = 'db:\n  port: 5432\nx: 1\n';
  expect(helpInDraft(text, text.indexOf('port'))).toEqual({
    from: 4,
    to: 16,
    title: 'db.port',
    text: 'The port of the database. Must be a number from 1 to 65535.',
  });
  expect(helpInDraft(text, text.indexOf('x'))?.text).toBe('Unknown key. It is kept and not checked.');
});
