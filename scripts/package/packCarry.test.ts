import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { documentedBlocks } from '../../test-support/documentedCommands.ts';
import { packCarry, publicPem, signatureFile, sumsFile } from './packCarry.ts';

const { version } = packageFile;
const name = `sallyport-${version}-carry`;
const deb = `sallyport_${version}_amd64.deb`;
const guide = join(import.meta.dirname, '../../docs/carry.md');
/** Moves up a line and erases it, so that a terminal shows nothing of the output. */
const erase = '\u001b[1A\u001b[2K';

const makeKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

let folder: string;
let key: string;
/** The folder of the receiver, with the carried file and the public key. */
let received: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-carry-test-'));
  received = join(folder, 'received');
  mkdirSync(received);
  key = makeKey();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Packs two files. Returns the path of the tar file. */
function pack(names: readonly string[] = [deb], privateKey = key): string {
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, privateKey);
  for (const file of [...names, 'a-1.0.0.tgz']) writeFileSync(join(folder, file), `content of ${file}`);
  const output = join(folder, `${name}.tar`);
  const files = { '': names.map((file) => join(folder, file)), npm: [join(folder, 'a-1.0.0.tgz')] };
  packCarry({ files, keyFile, output, sourceDate: 0 });
  return output;
}

/** Gives the receiver the file after `change` of its unpacked content. */
function receive(change: (inside: string) => void, tar = pack()): void {
  writeFileSync(join(received, 'update-key.pem.public.pem'), publicPem(key));
  const work = join(folder, 'work');
  mkdirSync(work);
  execFileSync('tar', ['-xf', tar, '-C', work]);
  change(join(work, name));
  execFileSync('tar', ['-P', '-cf', join(received, `${name}.tar`), '-C', work, name]);
}

/** Runs the documented commands as they are written. All run also after one has failed, as typed by a reader. */
function verify() {
  const commands = documentedBlocks(guide, 'Verify it', 'appliance').map((block) => block.commands);
  const run = (...options: string[]) =>
    spawnSync('bash', [...options, '-o', 'pipefail', '-c', commands.join('')], {
      cwd: received,
      encoding: 'utf8',
      timeout: 20_000,
    });
  const strict = run('-e');
  rmSync(join(received, 'carried'), { recursive: true, force: true });
  return { strict, typed: run() };
}

test('when the carried file is as it was written, only the fingerprint and the success are printed', () => {
  receive(() => undefined);
  const { strict } = verify();
  expect({ status: strict.status, stderr: strict.stderr }).toEqual({ status: 0, stderr: '' });
  expect(strict.stdout).toMatch(/^[0-9a-f]{64} {2}-\nSignature Verified Successfully\n$/u);
});

const write = (path: string) => (inside: string) => writeFileSync(join(inside, path), 'other');
test.each<[string, (inside: string) => void]>([
  ['a byte of a file was changed', write(deb)],
  ['a file is missing', (inside) => rmSync(join(inside, deb))],
  ['a package was added', write('npm/other.tgz')],
  ['a package was added whose name begins like that of the checksums', write(`npm/${sumsFile}-other.tgz`)],
  ['other checksums were added in a folder', write(`npm/${sumsFile}`)],
  ['a link was added', (inside) => symlinkSync(`../${sumsFile}`, join(inside, 'npm/other.tgz'))],
  [
    'a file became a link to the same content elsewhere',
    (inside) => {
      renameSync(join(inside, deb), join(folder, 'elsewhere'));
      symlinkSync(join(folder, 'elsewhere'), join(inside, deb));
    },
  ],
  ['a pipe was added', (inside) => execFileSync('mkfifo', [join(inside, 'npm/other.tgz')])],
  ['a file was added whose name hides itself on a terminal', write(`npm/other.tgz${erase}`)],
  ['a file was added whose name has a line of the list', write(`npm/x\nf ${deb}`)],
  [
    'the checksums were made again',
    (inside) => {
      write(deb)(inside);
      execFileSync('sh', ['-c', `sha256sum *.deb npm/* >${sumsFile}`], { cwd: inside });
    },
  ],
  [
    'the signature was cut',
    (inside) =>
      writeFileSync(join(inside, signatureFile), readFileSync(join(inside, signatureFile)).subarray(1)),
  ],
])('when %s, the documented commands fail and print it', (_what, change) => {
  receive(change);
  const { strict, typed } = verify();
  expect(strict.status).toBeGreaterThan(0);
  const printed = `${typed.stdout}${typed.stderr}`;
  expect(printed.replace(/^.*\nSignature Verified Successfully\n/u, '')).not.toBe('');
  expect(printed).not.toContain('\u001b');
});

test('when the file was signed by another key and brings that key, the documented commands fail', () => {
  const other = makeKey();
  const own = 'update-key.pem.public.pem';
  const tar = pack([deb], other);
  receive(() => undefined, tar);
  writeFileSync(join(folder, own), publicPem(other));
  symlinkSync('../..', join(folder, 'up'));
  symlinkSync('.', join(folder, 'here'));
  const add = (...entries: string[]) =>
    execFileSync('tar', ['-P', '-rf', join(received, `${name}.tar`), '-C', folder, ...entries]);
  add('up', 'here');
  // The same key by each way to where the receiver keeps the right one.
  for (const way of ['', '../../', 'up/', 'here/', `${name}/../../../`])
    add(own, `--transform=s,^${own},${way}${own},`);
  const { strict, typed } = verify();
  expect(strict.status).toBeGreaterThan(0);
  expect(typed.stdout).not.toContain('Signature Verified Successfully');
  expect(readFileSync(join(received, own), 'utf8')).toBe(publicPem(key));
});

test('when the file is an earlier one with a valid signature, the documented commands fail', () => {
  receive(() => undefined, pack(['sallyport_0.0.9_amd64.deb']));
  const { strict, typed } = verify();
  expect(strict.status).toBeGreaterThan(0);
  expect(typed.stderr).toContain(`sallyport_${version}_`);
});

test('when two files have one name, nothing is written', () => {
  expect(() => pack([deb, deb])).toThrow(`${deb} is there twice`);
  expect(existsSync(join(folder, `${name}.tar`))).toBe(false);
});
