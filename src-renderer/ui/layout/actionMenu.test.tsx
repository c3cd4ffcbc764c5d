import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { UiProvider } from '../UiProvider.tsx';
import { ActionMenu } from './ActionMenu.tsx';

const label = 'More actions on northwind';

function open(run: () => void) {
  render(
    <UiProvider>
      <ActionMenu
        label={label}
        actions={[
          { text: 'Syslog of northwind', to: '/appliance/kiln-01/syslog' },
          { text: 'Remove northwind…', run },
          { text: 'Rotate key…', run, disabledReason: 'Another change runs' },
        ]}
      />
    </UiProvider>,
  );
  return userEvent.setup();
}

/** The menu once it has its place beside its button. */
async function placedMenu() {
  const menu = await screen.findByRole('menu', { hidden: true });
  await waitFor(() => expect(menu.style.left).not.toBe('0px'));
  return menu;
}

test('when a menu is open and has its place, its actions can be chosen and the disabled one says why', async () => {
  const run = vi.fn<() => void>();
  const user = open(run);
  await user.click(screen.getByRole('button', { name: label }));
  await placedMenu();
  expect(screen.getByRole('menuitem', { name: 'Syslog of northwind' }).getAttribute('href')).toBe(
    '#/appliance/kiln-01/syslog',
  );
  const disabled = screen.getByRole('menuitem', { name: 'Rotate key…' });
  expect(disabled.title).toBe('Another change runs');
  await user.click(disabled);
  expect(run).not.toHaveBeenCalled();
  await user.click(screen.getByRole('menuitem', { name: 'Remove northwind…' }));
  expect(run).toHaveBeenCalledOnce();
  await waitFor(() => expect(screen.queryByRole('menu', { hidden: true })).toBeNull());
});

test('when Escape is pressed, closes and gives the focus back to its button', async () => {
  const user = open(() => undefined);
  await user.click(screen.getByRole('button', { name: label }));
  await placedMenu();
  await user.keyboard('{ArrowDown}{Escape}');
  await waitFor(() => expect(screen.queryByRole('menu', { hidden: true })).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: label })));
});
