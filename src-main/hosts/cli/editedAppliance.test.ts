import { expect, test } from 'vitest';
import { anEntry } from '../../../test-support/anEntry.ts';
import { readEditedAppliance, readEditedHostKeys } from './editedAppliance.ts';

const { id: _, createdAt: __, locked: ___, ...unchanged } = anEntry('kiln');
const gate = { ...unchanged.target, host: 'gate', user: 'ops' };
const entry = { ...anEntry('kiln'), jumps: [gate], tags: ['dmz'], colour: 'red' as const };
const before = { ...unchanged, jumps: [gate], tags: ['dmz'], colour: 'red' };

test('when there are no options, changes nothing', async () => {
  expect(await readEditedAppliance(entry, {})).toEqual(before);
});

test('when options are set, changes only these fields', async () => {
  const changes = { rename: 'mill', group: 'labs', tag: ['Berlin'], colour: 'none', legacyAlgorithms: true };
  expect(await readEditedAppliance(entry, changes)).toEqual({
    ...before,
    name: 'mill',
    group: 'labs',
    tags: ['Berlin'],
    colour: 'none',
    legacyAlgorithms: true,
  });
  const moved = await readEditedAppliance(entry, { address: 'root@[::1]:2222', jump: ['ada@door'] });
  expect(moved).toEqual({
    ...before,
    target: { ...entry.target, host: '::1', port: 2222, user: 'root' },
    jumps: [{ ...entry.target, host: 'door', user: 'ada' }],
  });
});

test('when --no-jump and --no-tag are set, empties both lists', async () => {
  expect(await readEditedAppliance(entry, { jump: false, tag: false })).toEqual({
    ...before,
    jumps: [],
    tags: [],
  });
});

test.each([
  [{ rename: 'Kiln!' }, /^NAME: use 1 to 63 characters/u],
  [{ address: 'kiln' }, /must have the form USER@HOST/u],
  [{ tag: ['a,b'] }, /^--tag: a tag must not contain commas/u],
  [{ identity: '//elsewhere/key' }, /^--identity: the key file can’t be used/u],
])('rejects %j with INVALID_INPUT', async (options, message) => {
  await expect(readEditedAppliance(entry, options)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(message),
  });
});

test('rejects a key file that does not exist with KEY_UNREADABLE', async () => {
  await expect(readEditedAppliance(entry, { identity: '/nothing/here' })).rejects.toMatchObject({
    code: 'KEY_UNREADABLE',
  });
});

const fingerprint = `SHA256:${'k'.repeat(43)}`;

test('when host keys are set, they are in the order of the jump hosts', () => {
  expect(readEditedHostKeys({}, entry)).toEqual({ hostKey: null, jumpHostKeys: [] });
  const options = { hostKey: fingerprint, jumpHostKey: [fingerprint] };
  const key = { type: '', fingerprint };
  expect(readEditedHostKeys(options, entry)).toEqual({ hostKey: key, jumpHostKeys: [key] });
});

test.each([
  [{ hostKey: 'SHA256:short' }, /^--host-key must be SHA256: followed by 43 characters/u],
  [{ jumpHostKey: ['x'] }, /^--jump-host-key must be/u],
  [{ jumpHostKey: [fingerprint, fingerprint] }, /^There are more --jump-host-key options/u],
])('rejects the host keys %j with INVALID_INPUT', (options, message) => {
  expect(() => readEditedHostKeys(options, entry)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(message) }),
  );
});
