import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { forge, type ForgedLicence } from './forge.ts';

/** Values that a field of a licence can't have. */
const values: readonly [field: string, values: readonly unknown[]][] = [
  ['format', [0, 2, '1', null]],
  ['sequence', [-1, 0, 13.5, 2 ** 53, '13', null, true, [13]]],
  ['graceDays', [-1, 366, 0.5, 1e9, '14', null]],
  ['minVersion', ['', '1.a', '1.30.0\n', '\uff11.0', '-1', '1.2.3.4.5', '9999999', '1..2', 1, null]],
  [
    'expiresAt',
    [
      '2099-06-30T23:59:60.000Z',
      '2099-06-30T23:59:00+02:00',
      '+275760-09-13T00:00:00.000Z',
      '2099-06-30T24:00:00Z',
      '2099-02-30T00:00:00Z',
      '2099-06-30',
      '2099-06-30t23:59:00z',
      '2099-06-30 23:59:00Z',
      '2099-06-30T23:59:00',
      '9999-12-31T23:59:59.999Z',
      '20990630T235900Z',
      '\u0662099-06-30T00:00:00Z',
      'never',
      '',
      4_086_460_800_000,
      null,
    ],
  ],
  ['id', ['', 'licence', '../licence', '{6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c001}', 7]],
  [
    'applianceId',
    [
      '6d1f8\u04350e-58c2-4a63-9f2d-58a2a6a1c002',
      'urn:uuid:6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002',
      '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002\r\n',
      '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002\0',
      ['6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c002'],
      null,
    ],
  ],
  ['key', ['', 'SP-1\nState    valid', 'SP-\u001b[2J-1', 'SP-\u202e-1', ' SP-1', 'K'.repeat(129), null]],
  ['request', [[], 'open', {}, { id: '6d1f8e0e-58c2-4a63-9f2d-58a2a6a1c003', nonce: 'short' }]],
  ['entitlements.accounts', [-1, 1.5, 2 ** 53, '5', [5]]],
  [
    'entitlements.connectors',
    [
      ['smb', 'smb'],
      ['\u0455mb'],
      ['SMB'],
      [''],
      ['smb\0'],
      ['smb\r\nftp'],
      ['../smb'],
      ['a'.repeat(65)],
      Array.from({ length: 257 }, (_, at) => `c${at}`),
      [7],
      'smb',
      { smb: true },
      null,
    ],
  ],
  [
    'entitlements.plan',
    ['', ' ', 'standard\nGrants   all', 'st\u0430ndard', '\u202eplan', 'p'.repeat(65), 7],
  ],
  ['entitlements.internalDevelopment', ['true', 1, null]],
  ['entitlements.isInternalLicence', ['true', 1, null]],
  ['entitlements.tunnels', [5]],
  ['plans', [null, [], {}, 'per-user', [{ id: 'per-user' }]]],
  ['request.note', ['x']],
  ['note', ['x']],
  [
    'configuration',
    [
      [],
      { revision: 0, set: {} },
      { revision: -1, set: {} },
      { revision: 99, set: {}, note: 'x' },
      { revision: 99, set: [] },
      ...['', '.', 'a..b', '../x', 'a\nb', 'a b', 'd\u0430ta', 'a.'.repeat(8) + 'a', 'x'.repeat(65)].map(
        (path) => ({ revision: 99, set: { [path]: 1 } }),
      ),
      ...[{}, [], 'x'.repeat(5000)].map((value) => ({ revision: 99, set: { hostname: value } })),
    ],
  ],
];

function withField(genuine: LicencePayload, field: string, value: unknown): object {
  const [first = '', second] = field.split('.');
  if (second === undefined) return { ...genuine, [first]: value };
  const inner = Object.entries(genuine).find(([name]) => name === first)?.[1];
  return { ...genuine, [first]: { ...Object(inner), [second]: value } };
}

export const forgedFields: readonly ForgedLicence[] = values.flatMap(([field, list]) =>
  list.map((value): ForgedLicence => ({
    name: `${field} ${JSON.stringify(value).slice(0, 80)}`,
    check: 'format',
    write: (genuine) => forge(withField(genuine, field, value)),
  })),
);
