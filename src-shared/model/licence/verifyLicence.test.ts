import { CompactSign, exportJWK, generateKeyPair, type CryptoKey } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { documentTypes, type PublicKey } from './documents.ts';
import type { LicencePayload } from './licence.ts';
import { verifyLicence, type LicenceContext } from './verifyLicence.ts';

const applianceId = '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002';
const requestId = '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c003';
const nonce = 'AAECAwQFBgcICQoLDA0ODw';

const licence: LicencePayload = {
  format: 1,
  id: '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c001',
  applianceId,
  key: 'SP-1111-2222-3333',
  sequence: 13,
  issuedAt: '2026-11-20T00:00:00.000Z',
  notBefore: '2026-11-20T00:00:00.000Z',
  expiresAt: '2027-12-09T23:59:00.000Z',
  graceDays: 14,
  minVersion: '1.30.0',
  entitlements: { accounts: 7500, connectors: ['smb'], plan: 'per-user', internalDevelopment: false },
  request: { id: requestId, nonce },
  configuration: null,
};

let signer: CryptoKey;
let context: LicenceContext;

async function createKey(kid: string): Promise<{ privateKey: CryptoKey; publicKey: PublicKey }> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const { x = '' } = await exportJWK(pair.publicKey);
  return { privateKey: pair.privateKey, publicKey: { kty: 'OKP', crv: 'Ed25519', x, kid } };
}

function sign(
  payload: string | object = licence,
  header: object = { alg: 'EdDSA', typ: documentTypes.licence, kid: 'vendor-2026' },
  key = signer,
): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'EdDSA', ...header })
    .sign(key);
}

const part = (text: string) => Buffer.from(text).toString('base64url');

async function failedChecks(text: string, changes: Partial<LicenceContext> = {}): Promise<string[]> {
  const { checks, accepted } = await verifyLicence(text, { ...context, ...changes });
  const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);
  expect(accepted === null).toBe(failed.length > 0);
  return failed;
}

beforeAll(async () => {
  const { privateKey, publicKey } = await createKey('vendor-2026');
  signer = privateKey;
  context = {
    keys: [publicKey],
    applianceId,
    applianceVersion: '1.33.0',
    request: { id: requestId, nonce, number: 7 },
    highestSequence: 12,
    configurationRevision: 88,
    now: Date.parse('2026-11-24T10:00:00.000Z'),
  };
});

describe('verifyLicence', () => {
  it('accepts the answer to the open request, and names each check', async () => {
    const { checks, accepted } = await verifyLicence(await sign(), context);
    expect(checks.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      'file passed',
      'format passed',
      'signature passed',
      'appliance passed',
      'request passed',
      'sequence passed',
      'notBefore passed',
      'expiry passed',
      'version passed',
      'configuration passed',
    ]);
    expect(accepted).toEqual(licence);
  });

  it('accepts one line end after the document', async () => {
    expect(await failedChecks(`${await sign()}\n`)).toEqual([]);
    expect(await failedChecks(`${await sign()}\r\n`)).toEqual([]);
  });

  it.each<[string, Partial<LicencePayload>, string]>([
    ['another appliance’s', { applianceId: requestId }, 'appliance'],
    ['another request’s', { request: { id: applianceId, nonce } }, 'request'],
    ['one with another nonce', { request: { id: requestId, nonce: 'BBECAwQFBgcICQoLDA0ODw' } }, 'request'],
    ['one that answers no request', { request: null }, 'request'],
    ['one with the installed sequence', { sequence: 12 }, 'sequence'],
    ['one with an older sequence', { sequence: 3 }, 'sequence'],
    ['one that is not yet valid', { notBefore: '2026-11-24T10:00:00.001Z' }, 'notBefore'],
    ['an expired one', { expiresAt: '2026-11-24T10:00:00.000Z' }, 'expiry'],
    ['one for a newer version', { minVersion: '1.33.1' }, 'version'],
    ['one for a newer major version', { minVersion: '2' }, 'version'],
    ['an older configuration', { configuration: { revision: 88, set: {} } }, 'configuration'],
  ])('refuses %s', async (_, change, check) => {
    expect(await failedChecks(await sign({ ...licence, ...change }))).toEqual([check]);
  });

  it('refuses a used answer, because no request is open', async () => {
    expect(await failedChecks(await sign(), { request: null })).toEqual(['request']);
  });

  it('refuses a key that is not pinned, a retired key and another key of the same name', async () => {
    const other = await createKey('vendor-2026');
    const [pinned] = context.keys;
    if (pinned === undefined) throw new Error('no key');
    expect(await failedChecks(await sign(), { keys: [] })).toEqual(['signature']);
    expect(await failedChecks(await sign(), { keys: [other.publicKey] })).toEqual(['signature']);
    const retired = { ...pinned, retiredAt: '2026-11-21T00:00:00.000Z' };
    expect(await failedChecks(await sign(), { keys: [retired] })).toEqual(['signature']);
  });

  it.each([
    ['a request instead of a licence', { typ: documentTypes.request }],
    ['an unknown critical header', { typ: documentTypes.licence, crit: ['b64'], b64: true }],
    ['an unknown header', { typ: documentTypes.licence, cty: 'json' }],
  ])('refuses %s', async (_, header) => {
    expect(await failedChecks(await sign(licence, { ...header, kid: 'vendor-2026' }))).toEqual(['format']);
  });

  it('shows an unknown kind of document as one quoted line, so that it can’t look like a line of ours', async () => {
    const typ = 'x”\npassed   Signature: Ed25519\u001b[2K';
    const { checks } = await verifyLicence(await sign(licence, { typ, kid: 'vendor-2026' }), context);
    const [detail = ''] = checks.filter(({ outcome }) => outcome === 'failed').map((check) => check.detail);
    expect(detail).toMatch(/^it is not a licence, but “x’.+”$/u);
  });

  it.each(['none', 'HS256', 'ES256', 'Ed25519', 'eddsa'])('refuses the algorithm %s', async (alg) => {
    const [, payload = '', signature = ''] = (await sign()).split('.');
    const header = part(JSON.stringify({ alg, typ: documentTypes.licence, kid: 'vendor-2026' }));
    expect(await failedChecks(`${header}.${payload}.${signature}`)).toEqual(['format']);
    expect(await failedChecks(`${header}.${payload}.`)).toEqual(['file']);
  });

  it.each([
    ['duplicate keys', JSON.stringify(licence).replace('{', '{"sequence":99,')],
    ['an unknown field', JSON.stringify({ ...licence, extra: 1 })],
    ['spaces', JSON.stringify(licence, null, 1)],
    ['deep nesting', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['a missing field', JSON.stringify({ ...licence, sequence: undefined })],
    ['an array', '[]'],
    ['text', '"licence"'],
    ['nothing', '{}'],
  ])('refuses content with %s', async (_, payload) => {
    expect(await failedChecks(await sign(payload))).toEqual(['format']);
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['three empty parts', '..'],
    ['garbage above the limit', 'A'.repeat(1_000_000)],
  ])('refuses a file of %s', async (_, text) => {
    expect(await failedChecks(text)).toEqual(['file']);
  });

  it('refuses the document with any one bit flipped, and cut off anywhere', { timeout: 60_000 }, async () => {
    const bytes = Buffer.from(await sign(), 'latin1');
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
        const { accepted } = await verifyLicence(flipped.toString('latin1'), context);
        expect(accepted, `byte ${at}, bit ${bit}`).toBeNull();
      }
      const { accepted } = await verifyLicence(bytes.subarray(0, at).toString('latin1'), context);
      expect(accepted, `cut at ${at}`).toBeNull();
    }
  });
});
