import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Trust } from '../../../src-shared/model/trust/trust.ts';
import { createFakeConsole, throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import { App } from '../../app/App.tsx';

const trust: Trust = {
  seenAt: '2026-11-20T09:30:00.000Z',
  program: {
    version: '1.2.3',
    commit: 'abcdef012345',
    committedAt: '2026-11-19T09:30:00.000Z',
    modified: false,
    billSha256: 'ab'.repeat(32),
  },
  appliances: [
    {
      name: 'kiln-01',
      hops: [
        { hop: 'ops@gate:22', isJumpHost: true, key: null },
        {
          hop: 'ops@kiln-01:22',
          isJumpHost: false,
          key: {
            type: 'ssh-ed25519',
            fingerprint: `SHA256:${'A'.repeat(43)}`,
            acceptedAt: '2026-11-01T09:30:00.000Z',
            acceptedBy: 'ada',
            how: null,
          },
        },
      ],
      link: {
        serverSoftware: 'OpenSSH_9.2p1 \u202eevil',
        kex: 'curve25519-sha256',
        hostKey: 'ssh-ed25519',
        cipher: 'aes128-gcm@openssh.com',
        mac: 'part of the cipher',
        weak: ['hmac-sha1'],
        offeredPostQuantum: ['sntrup761x25519-sha512@openssh.com'],
        postQuantum: 'appliance-only',
        tone: 'warn',
        judgement: 'Weak: hmac-sha1.',
      },
    },
    { name: 'kiln-02', hops: [], link: null },
  ],
  secrets: [{ what: 'Passwords', kept: 'Nowhere.' }],
  fuses: null,
  connections: {
    source: 'program',
    list: [
      { protocol: 'tcp', local: null, remote: 'ops@gate:22', state: 'established', applianceName: 'kiln-01' },
    ],
  },
  outbound: [{ kind: 'notifications', name: 'alerts', to: 'webhook https://alerts.example' }],
  connectedWindow: 'forbidden',
};

function open(change: Partial<Trust> = {}, handlers: Parameters<typeof createFakeConsole>[0] = {}) {
  location.hash = '#/trust';
  const fake = createFakeConsole({ 'system.trust': () => ({ ...trust, ...change }), ...handlers });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

const card = async (name: string) => within(await screen.findByRole('region', { name }));

test('when the page opens, each part says what is known and what was not seen', async () => {
  open();
  const keys = await card('Host keys');
  expect(keys.getByText(/no key accepted yet/u)).toBeDefined();
  expect(keys.getByText(/how was not found in the newest audit records/u)).toBeDefined();
  const links = await card('Algorithms of open links');
  expect(links.getByText(/Not seen, because there is no link: 1 of 2\./u)).toBeDefined();
  expect(links.getByText('Weak: hmac-sha1.')).toBeDefined();
  expect(links.getByText(/offered by the appliance only/u)).toBeDefined();
  expect(links.getByText('aes128-gcm@openssh.com').parentElement?.textContent).toBe(
    'key exchange curve25519-sha256 · host key ssh-ed25519 · cipher aes128-gcm@openssh.com · MAC part of the cipher',
  );
  const connections = await card('Open connections');
  expect(connections.getByText('This program’s own account')).toBeDefined();
  expect(connections.getByText('tcp port not known → ops@gate:22 established')).toBeDefined();
  expect((await card('What leaves this computer')).getByText('webhook https://alerts.example')).toBeDefined();
  expect((await card('Fuses')).getByText(/^Doesn’t apply/u)).toBeDefined();
  expect((await card('Program')).getByText('ab'.repeat(32))).toBeDefined();
});

test('when the appliance names itself with a sign that turns text around, the page shows the sign', async () => {
  open();
  const links = await card('Algorithms of open links');
  expect(links.getByText(/OpenSSH_9\.2p1/u).textContent).not.toContain('\u202e');
});

test('when the desktop shows the page, the fuses are those of its build', async () => {
  open({ fuses: [{ name: 'runAsNode', isOn: false, text: 'Runs as Node' }] });
  const fuses = await card('Fuses');
  expect(fuses.getByText('runAsNode')).toBeDefined();
  expect(fuses.getByText(/were not read/u)).toBeDefined();
});

test('when notices are wanted, they are read then and not before; a program without them says why', async () => {
  const user = userEvent.setup();
  const fake = open({}, { 'system.notices': () => throwAppError('NOT_FOUND', 'No notices yet.') });
  const notices = await card('Third-party notices');
  expect(fake.calls.map(({ procedure }) => procedure)).not.toContain('system.notices');
  await user.click(notices.getByRole('button', { name: 'Show notices' }));
  expect(await notices.findByText(/No notices yet\./u)).toBeDefined();
});

test('when a browser is connected to the page, the connection is not taken for one to elsewhere', async () => {
  const base = { protocol: 'tcp', applianceName: null } as const;
  open({
    connections: {
      source: 'system',
      list: [
        { ...base, local: '127.0.0.1:8080', remote: null, state: 'listening' },
        { ...base, local: '127.0.0.1:8080', remote: '127.0.0.1:50000', state: 'established' },
        { ...base, local: '10.0.0.1:50001', remote: '10.0.0.9:443', state: 'established' },
      ],
    },
  });
  const connections = await card('Open connections');
  expect(connections.getAllByText('This program’s own page')).toHaveLength(2);
  expect(connections.getAllByText('Not an open link to an appliance')).toHaveLength(1);
  expect(connections.getAllByRole('listitem')[0]?.textContent).toContain('10.0.0.9:443');
});
