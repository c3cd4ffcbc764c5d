import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { puttyKeys, puttyPassphrase } from '../../../test-support/puttyKeys.ts';
import { createKeyFileLoader } from './keyFile.ts';
import { readKeyForm } from '../../../src-shared/node/privateKeys/keyForm.ts';

const passphrase = puttyPassphrase;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-forms-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const newPath = () => join(folder, `key-${(count += 1)}`);

function writeKey(content: string | Buffer): string {
  const path = newPath();
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** Makes a key. One round of the key derivation is enough here. */
function makeKey(...options: string[]): string {
  const path = newPath();
  execFileSync('ssh-keygen', ['-q', '-a', '1', '-C', 'ops@kiln', '-f', path, ...options], {
    stdio: 'ignore',
  });
  return path;
}

/** Loads a key as a login does. Resolves with the key's type and the questions that were asked. */
async function load(path: string, answers: string[] = [passphrase]) {
  const questions: boolean[] = [];
  const loading = createKeyFileLoader()({
    path,
    hop: 'hop',
    askSecret: ({ refused }) => {
      questions.push(refused);
      return Promise.resolve([answers[questions.length - 1] ?? answers.at(-1) ?? '']);
    },
  });
  const result = await loading.then(
    ({ key }) => key.type,
    (error: Error) => error.message,
  );
  return { result, questions };
}

let rsaPath: string | null = null;
/** An RSA key in PEM form, made once. */
const rsaPem = () => (rsaPath ??= makeKey('-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', ''));

const legacy = ['-provider', 'legacy', '-provider', 'default'];
/** A key in PEM form with this cipher, by openssl. */
function encryptedPem(cipher: string): string {
  const path = newPath();
  const options = ['-traditional', `-${cipher}`, '-passout', `pass:${passphrase}`];
  execFileSync('openssl', ['rsa', '-in', rsaPem(), ...options, ...legacy, '-out', path], { stdio: 'ignore' });
  return path;
}

const sshKeygenCiphers = execFileSync('ssh', ['-Q', 'cipher'], { encoding: 'utf8' }).trim().split('\n');

describe('a key of ssh-keygen', () => {
  test.each(sshKeygenCiphers)(
    'when encrypted with %s, is read, or named before a question',
    async (cipher) => {
      const { result, questions } = await load(makeKey('-t', 'ed25519', '-N', passphrase, '-Z', cipher));
      const isKnown = !cipher.startsWith('chacha20');
      expect(questions).toEqual(isKnown ? [false] : []);
      expect(result).toContain(
        isKnown
          ? 'ssh-ed25519'
          : `it is encrypted with ${cipher}, which is not supported; ssh-keygen -p -Z aes256-ctr -f FILE`,
      );
    },
  );

  test.each([
    'aes-128-cbc',
    'aes-256-cbc',
    'des-ede3-cbc',
    'camellia-128-cbc',
    'camellia-256-cbc',
    'aria-256-cbc',
  ])('when in PEM form with %s, is read', async (cipher) => {
    expect(await load(encryptedPem(cipher), ['wrong', passphrase])).toEqual({
      result: 'ssh-rsa',
      questions: [false, true],
    });
  });

  test.each(['des-cbc', 'bf-cbc', 'rc2-cbc'])(
    'when in PEM form with %s, is named before a question',
    async (cipher) => {
      const { result, questions } = await load(encryptedPem(cipher));
      expect(questions).toEqual([]);
      expect(result).toContain(`it is encrypted with ${cipher.toUpperCase()}, which is not supported`);
      expect(result).toContain('openssl pkey -provider legacy -provider default -in FILE -aes256 -out NEW');
    },
  );
});

describe('a key in PKCS#8 form', () => {
  test.each<[form: string, make: () => string, type: string, asked: number]>([
    ['RSA', () => pkcs8('-nocrypt'), 'ssh-rsa', 0],
    ['RSA with AES-256', () => pkcs8('-v2', 'aes-256-cbc'), 'ssh-rsa', 2],
    ['RSA with AES-128', () => pkcs8('-v2', 'aes-128-cbc'), 'ssh-rsa', 2],
    ['RSA with 3DES', () => pkcs8('-v2', 'des3'), 'ssh-rsa', 2],
    ['RSA with the 3DES of PKCS#12', () => pkcs8('-v1', 'PBE-SHA1-3DES'), 'ssh-rsa', 2],
    ['RSA with scrypt', () => pkcs8('-scrypt'), 'ssh-rsa', 2],
    ['Ed25519', () => openssl('genpkey', '-algorithm', 'ed25519'), 'ssh-ed25519', 0],
    [
      'Ed25519 with AES-256',
      () => openssl('genpkey', '-algorithm', 'ed25519', '-aes256', '-pass', `pass:${passphrase}`),
      'ssh-ed25519',
      2,
    ],
    ['P-256', () => newEcKey('P-256'), 'ecdsa-sha2-nistp256', 0],
    ['P-384', () => newEcKey('P-384'), 'ecdsa-sha2-nistp384', 0],
    ['P-521', () => newEcKey('P-521'), 'ecdsa-sha2-nistp521', 0],
  ])('%s is read as ssh-keygen reads it', async (_form, make, type, asked) => {
    const path = make();
    expect(await load(path, ['wrong', passphrase])).toEqual({
      result: type,
      questions: [false, true].slice(0, asked),
    });
  });

  test('an EC key with written parameters, or with their own block, is read', async () => {
    const options = ['ecparam', '-name', 'prime256v1', '-genkey'];
    expect((await load(openssl(...options))).result).toBe('ecdsa-sha2-nistp256');
    expect((await load(openssl(...options, '-param_enc', 'explicit', '-noout'))).result).toBe(
      'ecdsa-sha2-nistp256',
    );
  });

  test.each([
    [
      'PKCS#12',
      () => pkcs12(),
      ['pkcs12', '-nocerts', '-passin', `pass:${passphrase}`, '-passout', `pass:${passphrase}`],
    ],
    [
      'DER',
      () => openssl('rsa', '-in', rsaPem(), '-outform', 'DER'),
      ['pkey', '-inform', 'DER', '-aes256', '-passout', `pass:${passphrase}`],
    ],
    [
      'DES',
      () => encryptedPem('des-cbc'),
      ['pkey', ...legacy, '-aes256', '-passin', `pass:${passphrase}`, '-passout', `pass:${passphrase}`],
    ],
  ])('when %s is converted with the command that the error names, is read', async (_form, make, command) => {
    expect((await load(openssl(...command, '-in', make()))).result).toBe('ssh-rsa');
  });

  test('when a JWK is converted with the command that the error names, is read', async () => {
    const path = writeKey(jwk());
    const { result } = await load(path);
    const command = /; (node -p .*) > NEW converts it/u.exec(result)?.[1]?.replace('FILE', path) ?? 'false';
    expect((await load(writeKey(execFileSync('sh', ['-c', command])))).result).toBe('ssh-ed25519');
  });
});

describe('a key of PuTTY', () => {
  test.each<[key: keyof typeof puttyKeys, questions: boolean[], words: string]>([
    ['rsa format 2', [], 'ssh-rsa'],
    ['rsa format 2 encrypted', [false], 'ssh-rsa'],
    ['ed25519 format 2 encrypted', [], 'a PuTTY key of format 2 (ssh-ed25519) is not supported'],
    ['ed25519 format 3', [], 'a PuTTY key of format 3 (ssh-ed25519) is not supported'],
    ['ed25519 format 3 encrypted', [], 'puttygen FILE -O private-openssh -o NEW converts it'],
    ['ecdsa format 3 encrypted', [], 'a PuTTY key of format 3 (ecdsa-sha2-nistp256) is not supported'],
  ])('%s is read, or named before a question', async (key, questions, words) => {
    expect(await load(writeKey(puttyKeys[key]))).toEqual({
      questions,
      result: expect.stringContaining(words),
    });
  });
});

/** Changes of a text that other programs make and that leave the key as it is. */
const harmless: Record<string, (text: string) => string> = {
  'a byte order mark': (text) => `\ufeff${text}`,
  'CRLF line ends': (text) => text.replaceAll('\n', '\r\n'),
  'CR line ends': (text) => text.replaceAll('\n', '\r'),
  'a byte order mark and CRLF': (text) => `\ufeff${text.replaceAll('\n', '\r\n')}`,
  'text before it': (text) => `Key of kiln\n\n${text}`,
  'text after it': (text) => `${text}\nsent by mail`,
  'spaces at the end of each line': (text) => text.replaceAll('\n', ' \n'),
  'an indent': (text) => text.replaceAll(/^/gmu, '    '),
  'the marks of a mail': (text) => text.replaceAll(/^/gmu, '> '),
  'the marks of a comparison': (text) => text.replaceAll(/^/gmu, '+'),
  'line numbers': (text) =>
    text
      .split('\n')
      .map((line, index) => `${String(index + 1).padStart(6)}\t${line}`)
      .join('\n'),
  'line numbers and colons': (text) =>
    text
      .split('\n')
      .map((line, index) => `${index + 1}:${line}`)
      .join('\n'),
  'quotes around it': (text) => `"${text.trim()}"`,
  'spaces for line ends': (text) => text.replaceAll(/\n+/gu, ' '),
  'empty lines': (text) => text.replaceAll('\n', '\n\n'),
  'its public key before it': (text) =>
    `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n${text}`,
  'padding behind it': (text) => `${text}${'\0'.repeat(300)}`,
  'no line end': (text) => text.trimEnd(),
};

describe.each([
  ['OpenSSH', () => makeKey('-t', 'ed25519', '-N', passphrase), 1],
  ['OpenSSH without a passphrase', () => makeKey('-t', 'ecdsa', '-N', ''), 0],
  ['PEM', () => encryptedPem('aes-128-cbc'), 1],
])('a key in %s form', (_form, make, asked) => {
  let text = '';
  beforeAll(() => {
    text = readFileSync(make(), 'utf8');
  });
  test.each(Object.entries(harmless))('with %s is read', async (_change, change) => {
    const { result, questions } = await load(writeKey(change(text)));
    expect(result).toMatch(/^(?:ssh|ecdsa)-/u);
    expect(questions.length).toBe(asked);
  });

  test.each<[change: string, edit: (text: string) => string | Buffer, words: string]>([
    ['in UTF-16 with a mark', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), 'UTF-16'],
    [
      'in UTF-16 without a mark',
      (text) => Buffer.from(text, 'utf16le'),
      'iconv -f UTF-16 -t UTF-8 FILE > NEW',
    ],
    ['in big-endian UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'UTF-16'],
    [
      'with no-break spaces',
      (text) => text.replaceAll(' PRIVATE', '\u00a0PRIVATE'),
      'line 1 holds a no-break or special space (U+00A0)',
    ],
    [
      'with a zero-width space',
      (text) => text.replace('\n', '\n\u200b'),
      'line 2 holds an invisible character (U+200B)',
    ],
    [
      'with em dashes',
      (text) => text.replaceAll('-----', '\u2014\u2014-'),
      'holds a dash that is not a hyphen (U+2014)',
    ],
    [
      'in Windows-1252 with dashes',
      (text) => Buffer.from(text.replaceAll('-----', '\u0097\u0097-'), 'latin1'),
      String.raw`sed 's/\x97/--/g' FILE`,
    ],
    [
      'with four dashes',
      (text) => text.replaceAll('-----', '----'),
      'its first or last line is missing or changed',
    ],
    [
      'in lower case',
      (text) => text.replaceAll(/BEGIN|END|PRIVATE KEY/gu, (words) => words.toLowerCase()),
      'its first or last line',
    ],
    [
      'with a broken first line',
      (text) => text.replaceAll(' PRIVATE', '\nPRIVATE'),
      'its first or last line is missing or changed',
    ],
    ['without its END line', (text) => text.replace(/-----END.*/su, ''), 'it is cut off'],
    ['cut in the middle', (text) => text.slice(0, text.length / 2), 'it is cut off'],
    [
      String.raw`with \n for line ends`,
      (text) => text.replaceAll('\n', String.raw`\n`),
      String.raw`printf '%b\n'`,
    ],
    ['encoded once more', (text) => Buffer.from(text).toString('base64'), 'base64 -d FILE > NEW'],
  ])('%s is named before a question', async (_change, edit, words) => {
    const { result, questions } = await load(writeKey(edit(text)));
    expect(questions).toEqual([]);
    expect(result).toContain(words);
  });
});

const sampleKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ops';
const jwk = () => JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
function openssl(...options: string[]): string {
  const path = newPath();
  execFileSync('openssl', [...options, '-out', path], { stdio: 'ignore' });
  return path;
}
const pkcs8 = (...options: string[]) =>
  openssl('pkcs8', '-topk8', '-in', rsaPem(), '-passout', `pass:${passphrase}`, ...options);
function pkcs12(): string {
  const key = rsaPem();
  const certificate = openssl('req', '-x509', '-new', '-key', key, '-subj', '/CN=kiln');
  return openssl('pkcs12', '-export', '-inkey', key, '-in', certificate, '-passout', `pass:${passphrase}`);
}
const newEcKey = (curve: string) =>
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`);
function certificateOf(): string {
  const authority = makeKey('-t', 'ed25519', '-N', '');
  const key = makeKey('-t', 'ed25519', '-N', '');
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'ops', `${key}.pub`], { stdio: 'ignore' });
  return `${key}-cert.pub`;
}
function publicKeyAs(format: string): string {
  return execFileSync('ssh-keygen', ['-e', '-m', format, '-f', `${rsaPem()}.pub`], { encoding: 'utf8' });
}
const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
/** A private key file of OpenSSH that refers to a FIDO key: only its public key matters here. */
function fidoKey(): string {
  const blob = Buffer.concat(
    ['sk-ssh-ed25519@openssh.com', 'x'.repeat(32), 'ssh:'].map((text) => field(Buffer.from(text))),
  );
  const head = ['none', 'none', ''].map((text) => field(Buffer.from(text)));
  const content = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...head,
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(blob),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${content.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

describe('a file in another form', () => {
  test.each<[form: string, make: () => string, words: string]>([
    [
      'PKCS#8 encrypted with DES',
      () => pkcs8('-v1', 'PBE-MD5-DES', ...legacy),
      'openssl pkey -provider legacy -provider default -in FILE -aes256 -out NEW',
    ],
    [
      'PKCS#8 encrypted with RC2',
      () => pkcs8('-v1', 'PBE-SHA1-RC2-40', ...legacy),
      'openssl pkey -provider legacy',
    ],
    [
      'PKCS#8 encrypted with Camellia',
      () => pkcs8('-v2', 'camellia-256-cbc'),
      'it is a PKCS#8 key encrypted with',
    ],
    [
      'PKCS#8 cut off',
      () => writeKey(readFileSync(pkcs8('-v2', 'aes-256-cbc'), 'utf8').replaceAll(/^.{64}$/gmu, '')),
      'it is cut off',
    ],
    [
      'Ed448',
      () => openssl('genpkey', '-algorithm', 'ed448'),
      'keys of type ed448 are not supported for SSH',
    ],
    [
      'secp256k1',
      () => openssl('ecparam', '-name', 'secp256k1', '-genkey', '-noout'),
      'EC with the curve secp256k1',
    ],
    ['PKCS#12', pkcs12, 'openssl pkcs12 -in FILE -nocerts -out NEW'],
    [
      'DER',
      () => openssl('rsa', '-in', rsaPem(), '-outform', 'DER'),
      'openssl pkey -inform DER -in FILE -aes256 -out NEW',
    ],
    ['JWK', () => writeKey(jwk()), 'it is a JSON Web Key (JWK)'],
    ['FIDO', () => writeKey(fidoKey()), 'security keys (sk) are not supported by this driver'],
    ['certificate', certificateOf, 'it is an OpenSSH certificate'],
    ['SSH2 public', () => writeKey(publicKeyAs('RFC4716')), 'it is a public key in SSH2 form'],
    ['PKCS#8 public', () => writeKey(publicKeyAs('PKCS8')), 'it is a public key in PEM form'],
    ['PEM public', () => writeKey(publicKeyAs('PEM')), 'it is a public key in PEM form'],
    ['public', () => `${rsaPem()}.pub`, 'it is a public key'],
    [
      'ssh.com',
      () => writeKey('---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56w\n'),
      'puttygen FILE -O private-openssh -o NEW',
    ],
    [
      'DSA',
      () => writeKey(`-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----\n`),
      'it is a DSA key, which servers no longer accept',
    ],
    [
      'encrypted PEM without DEK-Info',
      () => writeKey(readFileSync(encryptedPem('aes-128-cbc'), 'utf8').replace(/^DEK-Info.*\n/mu, '')),
      'its DEK-Info line, which names the cipher, is missing',
    ],
    ['of NULs', () => writeKey(Buffer.alloc(400)), 'it holds NUL bytes only'],
    [
      'an OpenSSH key without its first line',
      () => writeKey(readFileSync(makeKey('-t', 'ed25519', '-N', ''), 'utf8').replace(/.*\n/u, '')),
      'its first or last line',
    ],
    ['known_hosts', () => writeKey(`kiln-01,10.0.0.1 ${sampleKey}\n`), 'it is a list of host keys'],
    [
      'hashed known_hosts',
      () => writeKey(`|1|c2FsdA==|aGFzaA== ${sampleKey}\n`),
      'it is a list of host keys',
    ],
    [
      'authorized_keys',
      () => writeKey(`# Ada\ncommand="/bin/x",no-pty ${sampleKey}\n`),
      'it is a list of public keys',
    ],
    [
      'a fingerprint',
      () => writeKey(`256 SHA256:${'a'.repeat(43)} ops@kiln (ED25519)\n`),
      'it is the fingerprint of a key',
    ],
    [
      'ssh_config',
      () => writeKey('Host kiln\n  HostName kiln.example\n'),
      'choose the file that its IdentityFile names',
    ],
    [
      'a request',
      () => openssl('req', '-new', '-key', rsaPem(), '-subj', '/CN=kiln'),
      'it is a certificate request',
    ],
    ['a pointer', () => writeKey('version https://git-lfs.github.com/spec/v1\n'), 'git lfs pull'],
    ['PuTTY format 1', () => writeKey('PuTTY-User-Key-File-1: ssh-rsa\n'), 'a PuTTY key of format 1'],
    [
      'PuTTY with an indent',
      () => writeKey(puttyKeys['ed25519 format 3'].replaceAll(/^/gmu, '  ')),
      'a PuTTY key of format 3',
    ],
    ['empty', () => writeKey(' \n'), 'it is empty'],
    ['a web page', () => writeKey('<!DOCTYPE html><title>Sign in</title>'), 'it is a web page'],
  ])('when it is %s, is named before a question', async (_form, make, words) => {
    const { result, questions } = await load(make());
    expect(questions).toEqual([]);
    expect(result).toContain(words);
  });

  test('when any bytes are changed, gives a form and never throws', () => {
    const texts = [
      readFileSync(makeKey('-t', 'ed25519', '-N', passphrase)),
      Buffer.from(puttyKeys['rsa format 2']),
    ];
    for (const text of texts)
      for (let at = 0; at < text.length; at += 7) {
        const changed = Buffer.from(text);
        changed[at] = (changed[at] ?? 0) ^ 0xff;
        expect(readKeyForm(changed).kind).toMatch(/^(?:private|public|unusable)$/u);
        expect(readKeyForm(text.subarray(0, at)).kind).toMatch(/^(?:private|public|unusable)$/u);
      }
  });

  test('when the private part is damaged, says so and calls no passphrase wrong', async () => {
    const text = readFileSync(makeKey('-t', 'ed25519', '-N', ''), 'utf8');
    const lines = text.split('\n');
    const damaged = lines
      .map((line, index) => (index === 3 ? 'AAAA'.repeat(line.length / 4) : line))
      .join('\n');
    const { result, questions } = await load(writeKey(damaged));
    expect(questions).toEqual([]);
    expect(result).toContain('it is cut off or damaged');
  });
});
