import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { readNewAppliance, type NewAppliance } from './newAppliance.ts';

let folder: string;
let keyFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-new-'));
  keyFile = join(folder, 'id');
  writeFileSync(keyFile, 'key');
  vi.stubEnv('SSH_AUTH_SOCK', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const plain: NewAppliance = {
  name: 'kiln',
  target: 'root@kiln.example',
  jump: [],
  jumpHostKey: [],
  sudo: 'none',
  group: '',
  cluster: '',
  description: '',
  tag: [],
  colour: 'none',
};
const fingerprint = `SHA256:${'A'.repeat(43)}`;
const isFree = () => [];
const noKey = /^No agent is running/u;

/** The code of the error, and the sentences of its message in order. */
async function refusalOf(given: Partial<NewAppliance>, taken: (input: unknown) => AppError[] = isFree) {
  const thrown: unknown = await readNewAppliance({ ...plain, ...given }, taken).catch(
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error('it was not refused');
  const { code, message, detail } = thrown;
  return { code, message, problems: detail['problems'] };
}

test.each<[string, Partial<NewAppliance>, RegExp]>([
  [
    'a port',
    { target: 'root@kiln.example:99999' },
    /^"root@kiln\.example:99999" .*: the port must be a number from 1 to 65535\./u,
  ],
  ['a port of many digits', { target: 'root@kiln.example:123456' }, /the port must be/u],
  ['port 0', { jump: ['root@gate:0'] }, /^"root@gate:0" .*the port must be/u],
  ['a target', { target: 'kiln.example' }, /^"kiln\.example" must have the form USER@HOST\[:PORT\]\./u],
  ['a fingerprint', { hostKey: 'MD5:00' }, /^--host-key must be SHA256/u],
  ["a jump host's fingerprint", { jump: ['root@gate'], jumpHostKey: ['x'] }, /^--jump-host-key must/u],
  ['too many fingerprints', { jumpHostKey: [fingerprint] }, /^There are more --jump-host-key/u],
  ['a name', { name: 'Kiln!' }, /^NAME: use 1 to 63 characters/u],
  [
    'the number of jump hosts',
    { jump: Array.from({ length: 9 }, (_, index) => `root@gate${index}`) },
    /^--jump: /u,
  ],
  ['a group', { group: 'g'.repeat(65) }, /^--group: /u],
])('when %s is wrong and there is no key, reports both, the key last', async (_what, given, sentence) => {
  expect(await refusalOf(given)).toEqual({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(sentence),
    problems: [
      { code: 'INVALID_INPUT', message: expect.stringMatching(sentence) },
      { code: 'INVALID_INPUT', message: expect.stringMatching(noKey) },
    ],
  });
});

test('when everything is wrong, reports all problems at once', async () => {
  const taken = vi.fn<() => AppError[]>(() => [new AppError('ALREADY_EXISTS', 'There already is kiln.')]);
  const { code, problems } = await refusalOf(
    {
      target: 'root@kiln:0',
      jump: ['gate'],
      hostKey: 'x',
      group: 'g'.repeat(65),
      identity: join(folder, 'none'),
    },
    taken,
  );
  expect(code).toBe('INVALID_INPUT');
  expect(problems).toEqual(
    [
      /port must be/u,
      /^"gate" must have/u,
      /^--group/u,
      /^--host-key/u,
      /^There already is kiln/u,
      /can’t be read\.$/u,
    ].map((sentence) => expect.objectContaining({ message: expect.stringMatching(sentence) })),
  );
  // The jump host is invalid, so the entry is not compared with the addresses of other entries (target is
  // null).
  expect(taken).toHaveBeenCalledWith({ name: 'kiln', target: null, jumps: [] });
});

test('when one option is wrong, the error has its code', async () => {
  const taken = new AppError('ADDRESS_TAKEN', 'kiln is this appliance already.', {
    detail: { existing: 'kiln' },
  });
  expect(await refusalOf({ identity: keyFile }, () => [taken])).toMatchObject({ code: 'ADDRESS_TAKEN' });
  expect(await refusalOf({ identity: join(folder, 'none') })).toMatchObject({ code: 'KEY_UNREADABLE' });
  expect(await refusalOf({})).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(noKey) });
});

test('when everything is valid, returns the whole input', async () => {
  const jumpHostKey = [fingerprint];
  const jump = ['ops@gate.example:23'];
  const given = { ...plain, identity: keyFile, hostKey: fingerprint, jump, jumpHostKey };
  const authentication = { agent: false, keyFile, password: false, keyboardInteractive: false };
  expect(await readNewAppliance(given, isFree)).toEqual({
    input: {
      name: 'kiln',
      target: { user: 'root', host: 'kiln.example', port: 22, authentication },
      jumps: [{ user: 'ops', host: 'gate.example', port: 23, authentication }],
      sudo: 'none',
      legacyAlgorithms: false,
      connect: 'always',
      group: '',
      cluster: '',
      description: '',
      tags: [],
      colour: 'none',
    },
    hostKey: { type: '', fingerprint },
    jumpHostKeys: [{ type: '', fingerprint }],
  });
});
