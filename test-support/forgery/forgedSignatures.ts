import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { documentTypes } from '../../src-shared/model/licence/documents.ts';
import {
  authority,
  encode,
  forge,
  header,
  keyId,
  retired,
  table,
  unpinned,
  type ForgedLicence,
  type Write,
} from './forge.ts';

const headed =
  (head: object | string): Write =>
  (genuine) =>
    forge(genuine, head);

const headers = table('format', {
  ...Object.fromEntries(
    [
      'none',
      'None',
      'HS256',
      'ES256',
      'RS256',
      'Ed25519',
      'Ed448',
      'eddsa',
      'EdDSA\0',
      '',
      null,
      ['EdDSA'],
    ].map((alg): [string, Write] => [`algorithm ${JSON.stringify(alg)}`, headed({ ...header, alg })]),
  ),
  ...Object.fromEntries(
    [documentTypes.request, documentTypes.receipt, 'JWT', '', `${documentTypes.licence};v=1`].map(
      (typ): [string, Write] => [`type ${JSON.stringify(typ)}`, headed({ ...header, typ })],
    ),
  ),
  'type in capitals': headed({ ...header, typ: documentTypes.licence.toUpperCase() }),
  'no algorithm': headed({ typ: header.typ, kid: keyId }),
  'no key id': headed({ alg: 'EdDSA', typ: header.typ }),
  'a number as key id': headed({ ...header, kid: 7 }),
  'a very long key id': headed({ ...header, kid: 'k'.repeat(20_000) }),
  'unencoded content': headed({ ...header, b64: false, crit: ['b64'] }),
  'an empty list of critical headers': headed({ ...header, crit: [] }),
  'an unknown critical header': headed({ ...header, crit: ['exp'], exp: 1 }),
  'its own key': headed({ ...header, jwk: unpinned.publicKey }),
  'the address of a key': headed({ ...header, jku: 'https://vendor.example/keys.json' }),
  'a compression': headed({ ...header, zip: 'DEF' }),
  'a list as header': headed([header]),
  'null as header': headed('null'),
  'two algorithms': headed(JSON.stringify(header).replace('{', '{"alg":"none",')),
  'spaces in the header': headed(JSON.stringify(header, null, 1)),
  'escapes in the header': headed(JSON.stringify(header).replace('EdDSA', String.raw`\u0045dDSA`)),
  'a prototype in the header': headed(JSON.stringify(header).replace('{', '{"__proto__":null,')),
});

const keyIds = table(
  'signature',
  Object.fromEntries(
    [
      '',
      '0',
      '*',
      '../../../etc/passwd',
      '__proto__',
      'toString',
      `${keyId} `,
      `${keyId}\0`,
      keyId.toUpperCase(),
      'vend\u043er-2026',
    ].map((kid): [string, Write] => [`key id ${JSON.stringify(kid)}`, headed({ ...header, kid })]),
  ),
);

const groupOrder = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

/** The second spelling of a signature: S and S + L are the same number modulo L. */
function addGroupOrder(text: string, times: bigint): string {
  const [head = '', content = '', signature = ''] = text.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString('hex')}`) + times * groupOrder;
  const end = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').toReversed();
  return `${head}.${content}.${encode(Buffer.concat([bytes.subarray(0, 32), end]))}`;
}

const withSignature = (text: string, signature: Buffer) =>
  `${text.slice(0, text.lastIndexOf('.'))}.${encode(signature)}`;

const signatures = table('signature', {
  'a key that is not pinned': (genuine) =>
    forge(genuine, { ...header, kid: 'vendor-2024' }, unpinned.privateKey),
  'another key under the name of the pinned one': (genuine) => forge(genuine, header, unpinned.privateKey),
  'a retired key': (genuine) => forge(genuine, { ...header, kid: 'vendor-2025' }, retired.privateKey),
  'the pinned key under the name of the retired one': (genuine) =>
    forge(genuine, { ...header, kid: 'vendor-2025' }),
  'the retired key under the name of the pinned one': (genuine) => forge(genuine, header, retired.privateKey),
  'a signature of zeros': (genuine) => withSignature(forge(genuine), Buffer.alloc(64)),
  'a signature of ones': (genuine) => withSignature(forge(genuine), Buffer.alloc(64, 0xff)),
  'a signature of small order': (genuine) =>
    withSignature(forge(genuine), Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])),
  'a signature whose S has the group order added': (genuine) => addGroupOrder(forge(genuine), 1n),
  'the signature of another licence': (genuine) => {
    const other = forge({ ...genuine, sequence: genuine.sequence + 1 });
    return withSignature(forge(genuine), Buffer.from(other.split('.')[2] ?? '', 'base64url'));
  },
  'a signature of the content alone': (genuine) =>
    withSignature(
      forge(genuine),
      signBytes(null, Buffer.from(JSON.stringify(genuine)), authority.privateKey),
    ),
  'the content of another licence': (genuine) => {
    const [head = '', , signature = ''] = forge(genuine).split('.');
    return `${head}.${encode(JSON.stringify({ ...genuine, graceDays: 365 }))}.${signature}`;
  },
});

const wrongKinds = table('file', {
  'an HMAC with the public key': (genuine) => {
    const signed = forge(genuine, { ...header, alg: 'HS256' })
      .split('.')
      .slice(0, 2)
      .join('.');
    const mac = createHmac('sha256', Buffer.from(authority.publicKey.x, 'base64url')).update(signed);
    return `${signed}.${mac.digest('base64url')}`;
  },
  'a signature on P-256': (genuine) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return withSignature(forge(genuine), signBytes('sha256', Buffer.from(forge(genuine)), privateKey));
  },
  'a signature of Ed448': (genuine) => {
    const { privateKey } = generateKeyPairSync('ed448');
    return withSignature(forge(genuine), signBytes(null, Buffer.from(forge(genuine)), privateKey));
  },
  'no signature': (genuine) => forge(genuine).replace(/[^.]+$/u, ''),
});

export const forgedSignatures: readonly ForgedLicence[] = [
  ...headers,
  ...keyIds,
  ...signatures,
  ...wrongKinds,
];
