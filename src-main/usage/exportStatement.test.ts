import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { documentTypes } from '../../src-shared/model/licence/documents.ts';
import { isSignedBy } from '../../src-shared/model/licence/signedDocument.ts';
import { exportStatement } from './exportStatement.ts';

const applianceId = '5b3c1d7e-6a0f-4c52-9d1b-0f6f3f1d2a10';
const report = `{"kind":"per-user","format":2,"applianceId":"${applianceId}","month":"2026-11","from":"2026-11-01T00:00:00.000Z","to":"2026-12-01T00:00:00.000Z"}\n{"accounts":0,"internal":0}\n`;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const { x = '' } = publicKey.export({ format: 'jwk' });

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sallyport-statement-'));
  folder = join(parent, 'statement');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

async function sign(changes: object = {}): Promise<string> {
  const manifest = {
    format: 1,
    id: '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c001',
    applianceId,
    number: 7,
    previous: null,
    kind: 'per-user',
    month: '2026-11',
    madeAt: '2026-11-20T09:31:00.000Z',
    sha256: createHash('sha256').update(report).digest('hex'),
    bytes: report.length,
    lines: 2,
    ...changes,
  };
  return new CompactSign(Buffer.from(JSON.stringify(manifest)))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes.statement, kid: 'own' })
    .sign(privateKey);
}

const write = (text: string, options: { key?: string | null; error?: Error } = {}) =>
  exportStatement({
    folder,
    readNumber: async () => 7,
    readBytes: async function* () {
      yield Buffer.from(text.slice(0, 100));
      if (options.error !== undefined) throw options.error;
      yield Buffer.from(text.slice(100));
    },
    isSignedByAppliance: async ({ document }) => {
      const { key = x } = options;
      return key === null ? null : isSignedBy(document, { kty: 'OKP', crv: 'Ed25519', x: key, kid: '' });
    },
  });

test('when a statement is whole, the folder has it, its report, its manifest and their checksums', async () => {
  const document = await sign();
  const { manifest, isSigned, accounts, files } = await write(`${document}\n${report}`);
  expect({ isSigned, accounts }).toEqual({ isSigned: true, accounts: { all: 0, internal: 0 } });
  expect(files.map(({ name }) => name)).toEqual([
    'statement.jws',
    'report.jsonl',
    'manifest.json',
    'SHA256SUMS',
  ]);
  const content = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(content('statement.jws')).toBe(`${document}\n${report}`);
  expect(content('report.jsonl')).toBe(report);
  expect(JSON.parse(content('manifest.json'))).toEqual(manifest);
  for (const { name, sha256 } of files.slice(0, -1)) {
    expect(createHash('sha256').update(content(name)).digest('hex')).toBe(sha256);
    expect(content('SHA256SUMS')).toContain(`${sha256}  ${name}\n`);
  }
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('when the console knows no key of the appliance, the export says so', async () => {
  expect(await write(`${await sign()}\n${report}`, { key: null })).toMatchObject({ isSigned: null });
});

const otherKey = () => {
  const { x: other = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return other;
};
const changed = report.replace('"internal":0', '"internal":1');

test.each([
  ['the report was changed', async () => `${await sign()}\n${report.replace('11-01', '11-02')}`, undefined],
  ['the report counts other accounts', async () => `${await sign()}\n${changed}`, undefined],
  ['the report was cut off', async () => `${await sign()}\n${report.slice(0, -5)}`, undefined],
  ['the number is another one', async () => `${await sign({ number: 8 })}\n${report}`, undefined],
  ['the size is another one', async () => `${await sign({ bytes: 5 })}\n${report}`, undefined],
  ['there is no manifest', async () => report, undefined],
  ['another key signed it', async () => `${await sign()}\n${report}`, otherKey()],
])('when %s, nothing is left on the disk', async (_what, makeText, key) => {
  const written = write(await makeText(), key === undefined ? {} : { key });
  await expect(written).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:VERIFICATION_FAILED|OUTPUT_UNPARSED)$/u),
    message: expect.stringMatching(/7/u),
  });
  expect(existsSync(folder)).toBe(false);
});

test('when the link is lost, the error says which statement the appliance keeps', async () => {
  const error = new AppError('LINK_LOST', 'the link was lost');
  await expect(write(`${await sign()}\n${report}`, { error })).rejects.toMatchObject({
    code: 'LINK_LOST',
    message: 'the link was lost. The appliance keeps it as statement 7; export that number.',
  });
  expect(existsSync(folder)).toBe(false);
});
