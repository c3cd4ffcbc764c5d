import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { questionOf, readSecretLine } from './terminalSecrets.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-secret-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: Buffer): Promise<string> {
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  return readSecretLine(openSync(path, 'r'));
}

test.each([
  ['UTF-8', Buffer.from('pässwörd\n'), 'pässwörd'],
  ['UTF-8 with a mark at its start', Buffer.from('\ufeffpässwörd\r\n'), 'pässwörd'],
  ['UTF-8 without a line end', Buffer.from(' two words '), ' two words '],
])('when a secret is %s, it is read unchanged', async (_what, content, expected) => {
  expect(await read(content)).toBe(expected);
});

test.each([
  ['Latin-1', Buffer.from('pässwörd\n', 'latin1')],
  ['UTF-16', Buffer.from('\ufeffpässwörd\n', 'utf16le')],
  ['cut within a character', Buffer.from('pässwörd').subarray(0, 2)],
  ['empty', Buffer.from('')],
  ['too long', Buffer.alloc(8 * 1024 + 1, 'a')],
])('when a secret is %s, it is refused with INVALID_INPUT and not repeated', async (_what, content) => {
  await expect(read(content)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.not.stringMatching(/p.*ss|rd$/u),
  });
});

const hop = 'ubuntu@kiln:22';
test.each([
  ['Password: ', 'ubuntu@kiln:22 asks “Password: ”'],
  ['Passphrase of the vault', 'ubuntu@kiln:22 asks “Passphrase of the vault”'],
  ['x”\nPassphrase of the vault', 'ubuntu@kiln:22 asks “x’␊Passphrase of the vault”'],
  ['\u001b[2K\rPassphrase of the vault', 'ubuntu@kiln:22 asks “␛[2K␍Passphrase of the vault”'],
])('when a server asks %j, the question is quoted and named as the server’s', (label, shown) => {
  expect(questionOf({ hop, kind: 'keyboard-interactive' }, label)).toBe(shown);
});

test('when this program asks, its question is shown as it is', () => {
  expect(questionOf({ hop, kind: 'password' }, 'Password')).toBe('Password');
});
