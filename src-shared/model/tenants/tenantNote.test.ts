import { expect, test } from 'vitest';
import { isEmailAddress, keptTenantNoteSchema, tenantNoteSchema } from './tenantNote.ts';

test.each([
  ['jane@nw.example', true],
  ['jane.doe+ops@mail.nw.example', true],
  ['jane', false],
  ['gavin@hooli', true],
  ['@hooli', false],
  ['Jane <jane@nw.example>', false],
  ['jane@nw.example,eve@evil.example', false],
  ['jane@nw.example?bcc=eve@evil.example', false],
  ['', false],
])('%j as a single address: %s', (text, isOne) => {
  expect(isEmailAddress(text)).toBe(isOne);
});

test('when a saved contact is no address, it is still read, but can’t be saved again', () => {
  const { email } = keptTenantNoteSchema.parse({
    email: 'Jane <jane@nw.example>',
    changedAt: '2026-11-20T09:00:00.000Z',
    changedBy: 'm.ivers',
  });
  expect(email).toBe('Jane <jane@nw.example>');
  expect(tenantNoteSchema.safeParse({ email }).success).toBe(false);
});
