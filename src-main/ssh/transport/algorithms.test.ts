import { generateKeyPairSync } from 'node:crypto';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import { createSshKeyPair } from '../../../test-support/sshKeyPair.ts';
import { algorithmLists, readRsaBits } from './algorithms.ts';
import { createSsh2Transport } from './ssh2Transport.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const keys = {
  ed25519: createSshKeyPair('host').privateKey,
  rsa1024: rsaKey(1024),
  rsa2048: rsaKey(2048),
};

function rsaKey(modulusLength: number): string {
  const pem = { type: 'pkcs1', format: 'pem' } as const;
  return generateKeyPairSync('rsa', { modulusLength, privateKeyEncoding: pem, publicKeyEncoding: pem })
    .privateKey;
}

/** Starts a server that accepts every login and offers the given algorithms. Resolves with its address. */
async function serve(options: { key?: keyof typeof keys; algorithms?: ssh2.Algorithms }): Promise<SshTarget> {
  const hostKeys = [keys[options.key ?? 'ed25519']];
  const server = new ssh2.Server({ hostKeys, algorithms: options.algorithms ?? {} }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => context.accept());
    connection.on('tcpip', (accept, _reject, { destPort }) => {
      const channel = accept();
      // Only the test of a jump host needs this: connects the channel to the requested port.
      const socket = connectTcp(destPort, '127.0.0.1');
      socket.on('error', () => channel.end());
      channel.on('error', () => socket.destroy());
      channel.pipe(socket).pipe(channel);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  const authentication = { agent: false, keyFile: null, password: false, keyboardInteractive: false };
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { host: '127.0.0.1', port: address.port, user: 'ubuntu', authentication };
}

async function connect(target: SshTarget, options: { legacy?: boolean; jumps?: SshTarget[] } = {}) {
  const connection = await createSsh2Transport({ agentPath: null }).connect({
    target,
    jumps: options.jumps ?? [],
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    onStep: () => undefined,
    legacyAlgorithms: options.legacy ?? false,
    signal: AbortSignal.timeout(15_000),
  });
  connection.close();
  return connection.algorithms;
}

const failure = (attempt: Promise<unknown>): Promise<unknown> => attempt.catch((thrown: unknown) => thrown);

type Case = readonly [what: string, offer: Parameters<typeof serve>[0], kind: string, weak: string[]];
const legacyOnes: readonly Case[] = [
  [
    'SHA-1 signatures',
    { key: 'rsa2048', algorithms: { serverHostKey: ['ssh-rsa'] } },
    'serverHostKey',
    ['ssh-rsa'],
  ],
  ['hmac-sha1', macOnly('hmac-sha1'), 'hmac', ['hmac-sha1']],
  ['hmac-sha1-etm', macOnly('hmac-sha1-etm@openssh.com'), 'hmac', ['hmac-sha1-etm@openssh.com']],
  [
    'group14-sha1',
    { algorithms: { kex: ['diffie-hellman-group14-sha1'] } },
    'kex',
    ['diffie-hellman-group14-sha1'],
  ],
  ['an RSA host key of 1024 bits', { key: 'rsa1024' }, 'serverHostKey', ['RSA host key of 1024 bits']],
];

/** GCM ciphers need no MAC, so offer only another cipher. */
function macOnly(hmac: ssh2.MacAlgorithm): Parameters<typeof serve>[0] {
  return { algorithms: { cipher: ['aes128-ctr'], hmac: [hmac] } };
}

describe('an appliance that offers nothing but', () => {
  test.each(legacyOnes)(
    'when only %s, rejects with ALGORITHMS_REFUSED and names the setting',
    async (_what, offer, kind, weak) => {
      const target = await serve(offer);
      const thrown = await failure(connect(target));
      expect(thrown).toBeInstanceOf(AppError);
      expect(thrown).toMatchObject({
        code: 'ALGORITHMS_REFUSED',
        retryable: false,
        message: expect.stringContaining('--legacy-algorithms'),
        detail: { hop: `ubuntu@127.0.0.1:${target.port}`, kind, offered: weak, legacy: weak },
      });
    },
  );

  test.each(legacyOnes)(
    'when only %s, connects with legacy algorithms and marks it',
    async (_what, offer, _kind, weak) => {
      expect(await connect(await serve(offer), { legacy: true })).toMatchObject({ weak });
    },
  );

  test.each<[what: string, offer: Parameters<typeof serve>[0], kind: string]>([
    ['group1-sha1', { algorithms: { kex: ['diffie-hellman-group1-sha1'] } }, 'kex'],
    ['aes256-cbc', { algorithms: { cipher: ['aes256-cbc'] } }, 'cipher'],
    ['hmac-md5', macOnly('hmac-md5'), 'hmac'],
    ['zlib before the login', { algorithms: { compress: ['zlib'] } }, 'compress'],
  ])('when only %s, rejects with and without legacy algorithms', async (_what, offer, kind) => {
    for (const legacy of [false, true]) {
      const thrown = await failure(connect(await serve(offer), { legacy }));
      expect(thrown).toMatchObject({
        code: 'ALGORITHMS_REFUSED',
        message: expect.stringContaining('no setting allows any of these'),
        detail: { kind, legacy: [] },
      });
    }
  });

  test.each<[what: string, offer: Parameters<typeof serve>[0], agreed: object]>([
    ['curve25519', { algorithms: { kex: ['curve25519-sha256'] } }, { kex: 'curve25519-sha256' }],
    [
      'group14-sha256',
      { algorithms: { kex: ['diffie-hellman-group14-sha256'] } },
      { kex: 'diffie-hellman-group14-sha256' },
    ],
    ['nistp521', { algorithms: { kex: ['ecdh-sha2-nistp521'] } }, { kex: 'ecdh-sha2-nistp521' }],
    ['RSA of 2048 bits', { key: 'rsa2048' }, { hostKey: 'rsa-sha2-512' }],
    [
      'rsa-sha2-256',
      { key: 'rsa2048', algorithms: { serverHostKey: ['rsa-sha2-256'] } },
      { hostKey: 'rsa-sha2-256' },
    ],
    [
      'aes256-gcm',
      { algorithms: { cipher: ['aes256-gcm@openssh.com'] } },
      { cipher: 'aes256-gcm@openssh.com', mac: 'part of the cipher' },
    ],
    ['hmac-sha2-512', macOnly('hmac-sha2-512'), { cipher: 'aes128-ctr', mac: 'hmac-sha2-512' }],
  ])('when only %s, connects without a mark', async (_what, offer, agreed) => {
    expect(await connect(await serve(offer))).toMatchObject({ ...agreed, weak: [] });
  });
});

describe('a jump host', () => {
  test('must offer the same algorithms, and is named otherwise', async () => {
    const jump = await serve(macOnly('hmac-sha1'));
    const target = await serve({});
    const thrown = await failure(connect(target, { jumps: [jump] }));
    expect(thrown).toMatchObject({
      code: 'ALGORITHMS_REFUSED',
      detail: { hop: `ubuntu@127.0.0.1:${jump.port}` },
    });
    const behind = await failure(connect(jump, { jumps: [target] }));
    expect(behind).toMatchObject({ code: 'ALGORITHMS_REFUSED', detail: { offered: ['hmac-sha1'] } });
    expect(await connect(target, { jumps: [jump], legacy: true })).toMatchObject({ weak: ['hmac-sha1'] });
  });
});

const hostKeys = (pinnedTypes: readonly string[]) =>
  algorithmLists({ legacyAlgorithms: true, pinnedTypes }).serverHostKey;

describe('the lists', () => {
  test('start with those of pinned keys and leave none out', () => {
    const usual = hostKeys([]);
    expect(usual[0]).toBe('ssh-ed25519');
    expect(hostKeys(['ssh-rsa']).slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
    expect(hostKeys(['ecdsa-sha2-nistp256'])[0]).toBe('ecdsa-sha2-nistp256');
    expect(hostKeys(['unheard-of'])).toEqual(usual);
    for (const type of usual) expect(hostKeys([type]).toSorted()).toEqual(usual.toSorted());
  });

  test('contain no SHA-1 and no compression unless allowed', () => {
    const lists = algorithmLists({ legacyAlgorithms: false, pinnedTypes: ['ssh-rsa'] });
    expect(
      Object.values(lists)
        .flat()
        .filter((name) => /sha1|^ssh-rsa$|zlib|cbc|md5/u.test(name)),
    ).toEqual([]);
  });
});

test.each([
  [Buffer.alloc(0), null],
  [wire('ssh-ed25519', Buffer.alloc(32, 1)), null],
  [wire('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(128, 0xff)), 1024],
  [wire('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.alloc(1), Buffer.alloc(256, 0x80)])), 2048],
  [wire('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.alloc(200), Buffer.alloc(128, 1)])), 1017],
  [wire('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(300)), 0],
  [wire('ssh-rsa', Buffer.from([1, 0, 1])), null],
])('counts the bits of an RSA key', (blob, bits) => {
  expect(readRsaBits(blob)).toBe(bits);
});

/** Encodes fields in the SSH wire format. */
function wire(type: string, ...fields: Buffer[]): Buffer {
  return Buffer.concat(
    [Buffer.from(type), ...fields].map((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return Buffer.concat([length, field]);
    }),
  );
}
