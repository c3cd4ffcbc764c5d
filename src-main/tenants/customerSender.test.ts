import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';

let site: TestServices;
beforeEach(() => {
  site = createTestServices();
});
afterEach(() => site.close());

test('when the sender is set, it is kept, and the trail names the changed fields without their content', async () => {
  const { customerSender, audit } = site.services;
  expect(customerSender.get()).toEqual({ name: '', signature: '' });
  const sender = { name: 'Fern Operations', signature: 'Fern Ltd\n+49 30 1234' };
  await customerSender.set(sender);
  expect(customerSender.get()).toEqual(sender);
  await customerSender.set({ ...sender, name: 'Fern NOC' });
  const { records } = audit.list({ before: null, limit: 10, query: 'sender.change' });
  expect(records.map(({ result, detail }) => [result, detail])).toEqual([
    ['ok', 'changed: name'],
    ['pending', 'changed: name'],
    ['ok', 'changed: name, signature'],
    ['pending', 'changed: name, signature'],
  ]);
  expect(JSON.stringify(audit.list({ before: null, limit: 50, query: '' }))).not.toMatch(/Fern|\+49/u);
});

test.each([
  { name: 'two\nlines' },
  { name: 'a\u202eb' },
  { signature: 'a\u200bb' },
  { name: 'n'.repeat(201) },
])('rejects %j and changes nothing', async (change) => {
  const { customerSender } = site.services;
  await expect(customerSender.set({ name: '', signature: '', ...change })).rejects.toThrow(/characters/u);
  expect(customerSender.get()).toEqual({ name: '', signature: '' });
});
