import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLicenceRequester, type LicenceRequester } from '../../test-support/licenceRequester.ts';
import { codeBlocks } from '../../test-support/markdownCode.ts';
import { documentTypes, publicKeySchema } from '../../src-shared/model/licence/documents.ts';
import { licencePayloadSchema } from '../../src-shared/model/licence/licence.ts';
import { licenceReceiptSchema, licenceRequestSchema } from '../../src-shared/model/licence/licenceRequest.ts';
import { isSignedBy, readDocument } from '../../src-shared/model/licence/signedDocument.ts';

const run = promisify(execFile);
const page = await readFile(join(import.meta.dirname, '../../docs/licence-files.md'), 'utf8');
const [keys = ''] = codeBlocks(page, 'json');
const [licence = ''] = codeBlocks(page, 'text');
const [readIt = '', verifyLicence = '', verifyRequest = '', verifyReceipt = ''] = codeBlocks(page, 'sh');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'licence-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs commands of the page as written, on these files. */
async function runOn(
  files: Record<string, string>,
  script: string,
): Promise<{ code: number; stdout: string }> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return run('sh', ['-c', script], { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
}

const verify = (files: { keys: string; licence: string }) =>
  runOn({ 'keys.json': files.keys, 'licence.jws': files.licence }, readIt + verifyLicence);

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

/** What both commands print, for documents of these appliances. */
async function verifyBoth(requester: LicenceRequester, signer: LicenceRequester) {
  const files = {
    'licence.jws': licence,
    'request.jws': `${await requester.request()}\n`,
    'receipt.jws': `${await signer.receipt(licence, { id: randomUUID(), sequence: 13 })}\n`,
  };
  const verified = await runOn(files, `${readIt}${verifyRequest}${verifyReceipt}`);
  return {
    code: verified.code,
    times: verified.stdout.split('Signature Verified Successfully').length - 1,
  };
}

describe('a request and a receipt of an appliance', () => {
  it('verify with the key that the request names', async () => {
    const requester = await createLicenceRequester();
    expect(await verifyBoth(requester, requester)).toEqual({ code: 0, times: 2 });
  });

  it('when another appliance has signed the receipt, it does not verify', async () => {
    const requester = await createLicenceRequester();
    expect(await verifyBoth(requester, await createLicenceRequester())).toEqual({ code: 1, times: 1 });
  });

  it('when a character of the request differs, it does not verify', async () => {
    const text = await (await createLicenceRequester()).request();
    const at = text.lastIndexOf('.') - 20;
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    const files = { 'licence.jws': licence, 'request.jws': changed };
    expect((await runOn(files, readIt + verifyRequest)).code).not.toBe(0);
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
