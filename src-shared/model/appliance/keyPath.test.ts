import { expect, test } from 'vitest';
import { applianceEntrySchema, applianceInputSchema } from './applianceEntry.ts';
import { anEntry, anInput } from '../../../test-support/anEntry.ts';
import { findKeyPathFault } from './keyPath.ts';

const hidden = 'its path contains invisible characters';
const remote = 'it is on another computer (a network path)';
const system = 'it is a device or system file';
const device = 'its name is a device name';

const faults: readonly (readonly [string, string])[] = [
  ['/home/ada/k\u0000', hidden],
  ['/home/ada/k\n', hidden],
  ['/home/ada/\u001b[2J', hidden],
  ['/home/ada/k\u200b', `${hidden}; character 12 is a zero-width space (U+200B)`],
  [String.raw`\\evil\share\k`, remote],
  ['//evil/share/k', remote],
  [String.raw`\\?\C:\k`, remote],
  [String.raw`\\.\pipe\k`, remote],
  [String.raw`/\evil\share`, remote],
  ['/proc/self/mem', system],
  ['/dev/stdin', system],
  ['/sys/kernel/notes', system],
  ['/home/../proc/self/environ', system],
  ['/./proc/1/mem', system],
  [String.raw`C:\keys\NUL`, device],
  [String.raw`C:\keys\com1.txt`, device],
];
const good = [
  '~/.ssh/id_ed25519',
  '/home/ada/proc/key',
  String.raw`C:\Users\ada\.ssh\id_rsa`,
  '/k/Schlüssel',
  '/devices/k',
];

test.each(faults)('rejects %j as the path of a key', (path, reason) => {
  expect(findKeyPathFault(path)).toBe(reason);
});
test.each(good)('accepts %j as the path of a key', (path) => {
  expect(findKeyPathFault(path)).toBeNull();
});

/** An appliance with this path as its key file. */
const withKey = (keyFile: string) => {
  const { target } = anInput('kiln');
  return { ...target, authentication: { ...target.authentication, keyFile } };
};

test('when an entry is entered, rejects such a path for appliance and jump hosts; when it was stored earlier, still reads it', () => {
  for (const [path] of faults) {
    const input = anInput('kiln', { target: withKey(path), jumps: [withKey(path)] });
    expect(applianceInputSchema.safeParse(input).error?.issues.map((issue) => issue.path)).toEqual([
      ['target', 'authentication', 'keyFile'],
      ['jumps', 0, 'authentication', 'keyFile'],
    ]);
    expect(applianceEntrySchema.safeParse({ ...anEntry('kiln'), target: withKey(path) }).success).toBe(true);
  }
  for (const path of good)
    expect(applianceInputSchema.safeParse(anInput('kiln', { target: withKey(path) })).success).toBe(true);
});
