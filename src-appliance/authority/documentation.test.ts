import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { codeBlocks } from '../../test-support/markdownCode.ts';
import { documentTypes, publicKeySchema } from '../../src-shared/model/licence/documents.ts';
import { licencePayloadSchema } from '../../src-shared/model/licence/licence.ts';
import { licenceReceiptSchema, licenceRequestSchema } from '../../src-shared/model/licence/licenceRequest.ts';
import { isSignedBy, readDocument } from '../../src-shared/model/licence/signedDocument.ts';

const run = promisify(execFile);
const page = await readFile(join(import.meta.dirname, '../../docs/licence-files.md'), 'utf8');
const [keys = ''] = codeBlocks(page, 'json');
const [licence = ''] = codeBlocks(page, 'text');
const script = codeBlocks(page, 'sh').join('');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'licence-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the page's commands as written, on these files. */
async function verify(files: { keys: string; licence: string }): Promise<{ code: number; stdout: string }> {
  await writeFile(join(folder, 'keys.json'), files.keys);
  await writeFile(join(folder, 'licence.jws'), files.licence);
  return run('sh', ['-c', script], { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
}

describe('the worked example', () => {
  it('verifies with openssl alone, and with Sallyport', async () => {
    const { code, stdout } = await verify({ keys, licence });
    expect(stdout).toContain('"sequence":13');
    expect(stdout).toContain('Signature Verified Successfully');
    expect(code).toBe(0);
    const document = readDocument(licence, 'licence');
    if ('problem' in document) throw new Error(document.reason);
    const keySet = z.object({ keys: z.array(publicKeySchema) }).parse(JSON.parse(keys));
    const key = keySet.keys.find(({ kid }) => kid === document.keyId);
    if (key === undefined) throw new Error('no such key');
    expect(await isSignedBy(licence, key)).toBe(true);
    expect(licencePayloadSchema.parse(document.payload)).toEqual(document.payload);
  });

  it.each([0.1, 0.5, 0.8, 0.95])(
    'when the character at %s of the file differs, does not verify',
    async (part) => {
      const at = Math.floor(licence.length * part);
      const changed = `${licence.slice(0, at)}${licence[at] === 'A' ? 'B' : 'A'}${licence.slice(at + 1)}`;
      const { code, stdout } = await verify({ keys, licence: changed });
      expect(stdout).not.toContain('Signature Verified Successfully');
      expect(code).not.toBe(0);
    },
  );

  it('when the key is another one, does not verify', async () => {
    const { x } = publicKeySchema.parse(
      z.object({ keys: z.array(z.unknown()) }).parse(JSON.parse(keys)).keys[0],
    );
    const others = keys.replaceAll(/"x": "[^"]*"/gu, `"x": "${x}"`);
    expect((await verify({ keys: others, licence })).code).not.toBe(0);
  });
});

describe('the tables of fields', () => {
  it.each([
    ['Request', licenceRequestSchema.keyof().options],
    ['Licence', licencePayloadSchema.keyof().options],
    ['Receipt', licenceReceiptSchema.keyof().options],
  ])('name every field of a %s, in its order', (title, fields) => {
    const section = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)`/gmu)].map((match) => match[1]);
    expect(rows).toEqual(fields);
  });

  it('name every media type', () => {
    for (const type of Object.values(documentTypes)) expect(page).toContain(`\`${type}\``);
  });
});
