import '../../../test-support/renderer/pageSetup.ts';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { UiProvider } from '../../ui/UiProvider.tsx';
import { ChangedKeyCard } from './components/HostKeyCards.tsx';
import { HostKeyCompare } from './components/HostKeyCompare.tsx';

const offered = { type: 'ssh-ed25519', fingerprint: 'SHA256:ooooooooooooooooooooooooooooooooooooooooooo' };
const pinned = { type: 'ssh-ed25519', fingerprint: 'SHA256:ppppppppppppppppppppppppppppppppppppppppppp' };

function compare(pinnedKey: typeof pinned | null) {
  const onAccept = vi.fn<() => void>();
  const onRefuse = vi.fn<() => void>();
  render(
    <HostKeyCompare
      hop="ubuntu@kiln-01:22"
      offered={offered}
      pinned={
        pinnedKey === null
          ? null
          : {
              ...pinnedKey,
              host: 'kiln-01',
              port: 22,
              pinnedAt: '2026-01-02T00:00:00.000Z',
              pinnedBy: 'm.ivers',
            }
      }
      accepted={false}
      onAccept={onAccept}
      onRefuse={onRefuse}
    />,
  );
  return { onAccept, onRefuse };
}

test('first contact shows hop, type and fingerprint, and does nothing before a press', async () => {
  const { onAccept, onRefuse } = compare(null);
  expect(screen.getByText('ubuntu@kiln-01:22')).toBeDefined();
  expect(screen.getByText('ssh-ed25519')).toBeDefined();
  expect(screen.getByTestId('fingerprint').textContent).toBe(offered.fingerprint);
  expect(onAccept).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Don’t accept' }));
  expect(onRefuse).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole('button', { name: 'Accept' }));
  expect(onAccept).toHaveBeenCalledOnce();
});

test('a key that differs from the pinned one can’t be accepted in passing', () => {
  compare(pinned);
  expect(screen.queryByRole('button', { name: 'Accept' })).toBeNull();
  expect(screen.getAllByTestId('fingerprint').map((one) => one.textContent)).toEqual([
    offered.fingerprint,
    pinned.fingerprint,
  ]);
});

test('a changed key is replaced only once the appliance’s name is typed', async () => {
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

const ignore = (): void => undefined;

test('who may not pin a key sees it, and nothing to press that would pin it', () => {
  render(
    <UiProvider env="test">
      <ChangedKeyCard
        name="quay-02"
        changed={{ hop: 'ubuntu@quay-02', offered, pinned }}
        busy={false}
        mayReplace={false}
        onReplace={ignore}
      />
      <HostKeyCompare
        hop="ubuntu@quay-03"
        offered={offered}
        pinned={null}
        accepted={false}
        mayAccept={false}
        onAccept={ignore}
        onRefuse={ignore}
      />
    </UiProvider>,
  );
  expect(screen.getAllByLabelText(`Offered fingerprint ${offered.fingerprint}`)).toHaveLength(2);
  expect(screen.queryAllByRole('button', { name: /accept|replace/iu })).toEqual([]);
  expect(screen.queryByRole('textbox')).toBeNull();
  expect(screen.getByText('Only an admin may replace it.')).toBeDefined();
  expect(screen.getByText('Only an admin may accept it.')).toBeDefined();
});
