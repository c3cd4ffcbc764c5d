import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { trustSchema } from '../../src-shared/model/trust/trust.ts';
import { connectedLink } from '../../test-support/connectedLink.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import type { readOwnSockets } from './openConnections.ts';
import { createTrust } from './trust.ts';

const fingerprint = `SHA256:${'A'.repeat(43)}`;
let site: TestServices;
beforeEach(() => {
  site = createTestServices();
});
afterEach(() => site.close());

const idle: LinkState = { state: 'idle', since: '2026-11-20T09:00:00.000Z' };
const up: LinkState = {
  ...connectedLink,
  localPort: 50_001,
  serverSoftware: 'OpenSSH_9.2p1',
  algorithms: {
    kex: 'curve25519-sha256',
    hostKey: 'ssh-ed25519',
    cipher: 'aes128-gcm@openssh.com',
    mac: 'part of the cipher',
    weak: [],
    serverPostQuantum: ['sntrup761x25519-sha512@openssh.com'],
  },
};

function read(options: {
  host?: 'desktop' | 'web';
  stateOf?: (entry: ApplianceEntry) => LinkState;
  readSockets?: typeof readOwnSockets;
}) {
  const { inventory, audit, policy } = site.services;
  const { stateOf = () => idle } = options;
  return createTrust({
    host: options.host ?? 'web',
    version: '1.2.3',
    inventory,
    audit,
    policy,
    links: { state: (id) => stateOf(inventory.get(id)) },
    secrets: site.services.secrets,
    targets: site.services.notificationTargets,
    forwarding: site.services.forwarding,
    openWindows: () => [{ applianceName: 'quay-01', host: 'authority.example', port: 443 }],
    clock: () => Date.parse('2026-11-20T09:30:00.000Z'),
    ...(options.readSockets === undefined ? {} : { readSockets: options.readSockets }),
  }).read();
}

const input = anInput('quay-01');
const { target } = input;
const jump = { ...target, host: 'gate.example' };
const addAppliance = () =>
  site.services.appliances.add(
    { ...input, jumps: [jump] },
    {
      type: 'ssh-ed25519',
      fingerprint,
    },
  );

test('when a key was accepted, it is listed with when, by whom and how, and a missing one as missing', async () => {
  await addAppliance();
  expect(read({}).appliances).toEqual([
    {
      name: 'quay-01',
      link: null,
      hops: [
        { hop: `${jump.user}@gate.example:${jump.port}`, isJumpHost: true, key: null },
        {
          hop: `${target.user}@${target.host}:${target.port}`,
          isJumpHost: false,
          key: {
            type: 'ssh-ed25519',
            fingerprint,
            acceptedAt: expect.any(String),
            acceptedBy: 'ada',
            how: 'Appliance added',
          },
        },
      ],
    },
  ]);
});

test('when a thousand later records name fingerprints, the action that accepted a key is found', async () => {
  await addAppliance();
  const { audit } = site.services;
  for (let number = 0; number < 1000; number += 1)
    audit.notice({ event: 'tenant.change', object: 'quay-01', detail: `key SHA256:${number}` });
  for (let number = 0; number < 1000; number += 1)
    audit.notice({
      event: 'hostKey.accept',
      object: 'other',
      detail: `SHA256:${`${number}`.padEnd(43, 'B')}`,
    });
  expect(read({}).appliances[0]?.hops[1]?.key).toMatchObject({ fingerprint, how: 'Appliance added' });
});

test('when a link is up, its algorithms are judged, and its socket is named', async () => {
  await addAppliance();
  const trust = read({
    stateOf: () => up,
    readSockets: () => [
      {
        protocol: 'tcp',
        local: '10.0.0.1:50001',
        localPort: 50_001,
        remote: '10.0.0.2:22',
        state: 'established',
      },
      { protocol: 'tcp', local: '127.0.0.1:8080', localPort: 8080, remote: null, state: 'listening' },
    ],
  });
  expect(trustSchema.parse(trust)).toEqual(trust);
  expect(trust.appliances[0]?.link).toMatchObject({
    kex: 'curve25519-sha256',
    postQuantum: 'appliance-only',
    offeredPostQuantum: ['sntrup761x25519-sha512@openssh.com'],
    tone: 'ok',
  });
  expect(trust.connections).toEqual({
    source: 'system',
    list: [
      {
        protocol: 'tcp',
        local: '10.0.0.1:50001',
        remote: '10.0.0.2:22',
        state: 'established',
        applianceName: 'quay-01',
      },
      { protocol: 'tcp', local: '127.0.0.1:8080', remote: null, state: 'listening', applianceName: null },
    ],
  });
});

test('when a link is not up yet, its socket is named by its address, unless several appliances have that one', async () => {
  const direct = { ...input, jumps: [], target: { ...target, host: '10.0.0.7', port: 22 } };
  await site.services.appliances.add(direct, { type: 'ssh-ed25519', fingerprint });
  const socket = {
    protocol: 'tcp',
    local: '10.0.0.1:50009',
    localPort: 50_009,
    remote: '10.0.0.7:22',
    state: 'established',
  } as const;
  const owners = () =>
    read({ readSockets: () => [socket, { ...socket, remote: '10.0.0.8:22' }] }).connections.list.map(
      ({ applianceName }) => applianceName,
    );
  expect(owners()).toEqual(['quay-01', null]);
  await site.services.appliances.add(
    { ...direct, name: 'quay-02', target: { ...direct.target, user: 'other' } },
    { type: 'ssh-ed25519', fingerprint },
  );
  expect(owners()).toEqual([null, null]);
});

test('when the system shows no sockets, the connections are the program’s own account', async () => {
  await addAppliance();
  expect(read({ stateOf: () => up, readSockets: () => null }).connections).toEqual({
    source: 'program',
    list: [
      {
        protocol: 'tcp',
        local: 'port 50001',
        remote: `${jump.user}@gate.example:${jump.port}`,
        state: 'established',
        applianceName: 'quay-01',
      },
    ],
  });
});

test('when something can leave this computer, it is listed by name', async () => {
  await addAppliance();
  expect(read({}).outbound).toEqual([
    { kind: 'ssh', name: 'quay-01', to: expect.stringMatching(/gate\.example:\d+, then /u) },
    { kind: 'authority', name: 'quay-01', to: 'authority.example:443' },
  ]);
});

test('when the host is the web, it has no fuses; the desktop has those of its build', () => {
  expect(read({}).fuses).toBeNull();
  expect(read({ host: 'desktop' }).fuses).toContainEqual({
    name: 'runAsNode',
    isOn: false,
    text: 'The program runs as plain Node.js',
  });
  expect(read({}).program.version).toBe('1.2.3');
});

const kept = () => read({}).secrets.find(({ what }) => what === 'Secrets of named credentials')?.kept;

test('where named credentials are kept follows the vault', async () => {
  expect(kept()).toBe('Nowhere: there is no vault.');
  await site.services.secrets.create('a long passphrase');
  expect(kept()).toBe(
    'In vault.json in the data folder, encrypted with AES-256-GCM; its key is in memory now. Its key is protected by: Passphrase.',
  );
  site.services.secrets.lock();
  expect(kept()).toContain('locked now');
});
