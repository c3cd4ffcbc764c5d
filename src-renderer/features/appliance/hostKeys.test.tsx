import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { UiProvider } from '../../ui/UiProvider.tsx';
import type { KnownHostsAnswer } from '../../../src-shared/model/appliance/knownHostsAnswer.ts';
import type { LinkState } from '../../../src-shared/model/appliance/link.ts';
import { sampleAbout } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import { renderChanges } from '../tenants/changes/testing.tsx';
import { ChangedKeyCard, HostKeyCards } from './components/HostKeyCards.tsx';
import { HostKeyCheck } from './components/HostKeyCheck.tsx';
import { compareHostKey } from './hostKeyComparison.ts';

const offered = { type: 'ssh-ed25519', fingerprint: 'SHA256:ooooooooooooooooooooooooooooooooooooooooooo' };
const pinned = { type: 'ssh-ed25519', fingerprint: 'SHA256:ppppppppppppppppppppppppppppppppppppppppppp' };

const ignore = (): void => undefined;
const emptyCheck = {
  typed: { expected: '', isComparedByEye: false },
  change: ignore,
  reset: ignore,
};
const noLine: KnownHostsAnswer = { answer: 'absent', place: null, hasCertificateAuthority: false };

/** Opens the page of an appliance whose host key is not pinned yet. */
function openFirstContact({
  role = 'admin',
  knownHosts = noLine,
}: { role?: string; knownHosts?: KnownHostsAnswer } = {}) {
  const link: LinkState = {
    state: 'waiting-host-key',
    since: '2026-11-20T09:30:00.000Z',
    hop: 'ubuntu@kiln-01:22',
    offered,
    knownHosts,
  };
  const view = sampleAppliance({ link });
  const { calls } = renderChanges(<HostKeyCards view={view} />, {
    'appliances.acceptHostKey': () => ({}),
    'appliances.disconnect': () => ({}),
    'system.about': () => sampleAbout({ role }),
  });
  const accepted = () =>
    calls.flatMap(({ procedure, input }) => (procedure === 'appliances.acceptHostKey' ? [input] : []));
  return { calls, accepted, button: () => screen.getByRole<HTMLButtonElement>('button', { name: 'Accept' }) };
}

const expectedField = () => screen.getByLabelText('Paste the fingerprint you expect');

test('at first contact, the key can’t be accepted before it was compared', async () => {
  const { accepted, button } = openFirstContact();
  expect(screen.getByText('ubuntu@kiln-01:22')).toBeDefined();
  expect(screen.getByText('ssh-ed25519')).toBeDefined();
  expect(screen.getByTestId('fingerprint').textContent).toBe(offered.fingerprint);
  expect(button().disabled).toBe(true);
  expect(button().title).toBe('Paste the expected fingerprint, or compare by eye.');
  await userEvent.type(expectedField(), '{Enter}');
  expect(accepted()).toEqual([]);
  await userEvent.click(screen.getByLabelText('I compared every character by eye'));
  await userEvent.click(button());
  await waitFor(() =>
    expect(accepted()).toEqual([{ id: applianceId, fingerprint: offered.fingerprint, expected: null }]),
  );
});

test('when another fingerprint is expected, the key can’t be accepted', async () => {
  const { accepted, button } = openFirstContact();
  await userEvent.type(expectedField(), `${pinned.fingerprint}{Enter}`);
  expect(screen.getByText(/This doesn’t match the offered key/u)).toBeDefined();
  expect(button().disabled).toBe(true);
  expect(accepted()).toEqual([]);
});

test('when the expected fingerprint matches, it goes to the console with the accepted one', async () => {
  const { accepted } = openFirstContact();
  await userEvent.type(expectedField(), `256 ${offered.fingerprint} root@kiln-01 (ED25519){Enter}`);
  expect(screen.getByText('✓ All characters match.')).toBeDefined();
  await waitFor(() =>
    expect(accepted()).toEqual([
      {
        id: applianceId,
        fingerprint: offered.fingerprint,
        expected: `256 ${offered.fingerprint} root@kiln-01 (ED25519)`,
      },
    ]),
  );
});

test('when known_hosts has the key, its line is named and the key can be accepted', () => {
  const place = { file: '~/.ssh/known_hosts', line: 7 };
  const { button } = openFirstContact({ knownHosts: { ...noLine, answer: 'known', place } });
  expect(screen.getByText('known_hosts has this key: ~/.ssh/known_hosts, line 7.')).toBeDefined();
  expect(button().disabled).toBe(false);
});

test('when known_hosts has another key, the line is named and the key must be compared', () => {
  const place = { file: '~/.ssh/known_hosts', line: 7 };
  const { button } = openFirstContact({ knownHosts: { ...noLine, answer: 'different', place } });
  expect(screen.getByText(/has another key for this host: .*, line 7/u)).toBeDefined();
  expect(button().disabled).toBe(true);
});

test('when the key is not accepted, the link is ended', async () => {
  const { calls } = openFirstContact();
  await userEvent.click(screen.getByRole('button', { name: 'Don’t accept' }));
  await waitFor(() => expect(calls.map(({ procedure }) => procedure)).toContain('appliances.disconnect'));
});

test('when a user may not accept a key, it is shown without a button or a field', async () => {
  openFirstContact({ role: 'operator' });
  expect(await screen.findByText('Only an admin may accept it.')).toBeDefined();
  expect(screen.getByLabelText(`Offered fingerprint ${offered.fingerprint}`)).toBeDefined();
  expect(screen.queryAllByRole('button', { name: /accept/iu })).toEqual([]);
  expect(screen.queryByRole('textbox')).toBeNull();
});

test('when another key is pinned, both fingerprints are shown', () => {
  const hostKey = {
    offered,
    pinned: {
      ...pinned,
      host: 'kiln-01',
      port: 22,
      pinnedAt: '2026-01-02T00:00:00.000Z',
      pinnedBy: 'm.ivers',
    },
    knownHosts: null,
  };
  const check = { ...emptyCheck, comparison: compareHostKey(hostKey, emptyCheck.typed) };
  render(
    <UiProvider env="test">
      <HostKeyCheck hop="ubuntu@kiln-01:22" hostKey={hostKey} check={check} />
    </UiProvider>,
  );
  expect(screen.getAllByTestId('fingerprint').map((element) => element.textContent)).toEqual([
    offered.fingerprint,
    pinned.fingerprint,
  ]);
  expect(screen.getByText(/Another key is pinned for this address/u)).toBeDefined();
});

test('when a key has changed, it is replaced only after the appliance’s name was typed', async () => {
  const onReplace = vi.fn<() => void>();
  render(
    <UiProvider env="test">
      <ChangedKeyCard
        name="quay-02"
        changed={{ hop: 'ubuntu@quay-02', offered, pinned }}
        busy={false}
        mayReplace
        onReplace={onReplace}
      />
    </UiProvider>,
  );
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Replace pinned key' });
  const field = screen.getByLabelText('Type quay-02 to replace the pinned key');
  expect(screen.getByLabelText(`Pinned fingerprint ${pinned.fingerprint}`)).toBeDefined();
  expect(screen.getByLabelText(`Offered fingerprint ${offered.fingerprint}`)).toBeDefined();
  expect(button.disabled).toBe(true);
  await userEvent.type(field, 'quay-0{Enter}');
  expect(onReplace).not.toHaveBeenCalled();
  await userEvent.type(field, '2');
  expect(button.disabled).toBe(false);
  await userEvent.click(button);
  expect(onReplace).toHaveBeenCalledOnce();
});

test('when a user may not replace a key, it is shown without a button or a field', () => {
  render(
    <UiProvider env="test">
      <ChangedKeyCard
        name="quay-02"
        changed={{ hop: 'ubuntu@quay-02', offered, pinned }}
        busy={false}
        mayReplace={false}
        onReplace={ignore}
      />
    </UiProvider>,
  );
  expect(screen.getByLabelText(`Offered fingerprint ${offered.fingerprint}`)).toBeDefined();
  expect(screen.queryAllByRole('button', { name: /replace/iu })).toEqual([]);
  expect(screen.queryByRole('textbox')).toBeNull();
  expect(screen.getByText('Only an admin may replace it.')).toBeDefined();
});
