import '../testing/pageSetup.ts';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { createFakeConsole, fail } from '../testing/fakeConsole.ts';
import { sampleAppliance } from '../testing/samples.ts';
import { App } from './App.tsx';

function open(hash: string, answers: Parameters<typeof createFakeConsole>[0]) {
  location.hash = hash;
  const fake = createFakeConsole({ 'appliances.explain': () => fail('NOT_FOUND', 'Gone.'), ...answers });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return fake;
}

test.each(['#/appliance/kiln-01', '#/appliance/kiln-01/tenants'])(
  'a first reading that fails at %s says so, offers another try, and does not deny the appliance',
  async (hash) => {
    const user = userEvent.setup();
    let canRead = false;
    open(hash, {
      'fleet.overview': () =>
        canRead
          ? { appliances: [sampleAppliance()] }
          : fail('STORE_FAILED', 'The data folder can’t be read.'),
    });
    const main = within(await screen.findByRole('main'));
    expect(await main.findByText('STORE_FAILED')).toBeDefined();
    expect(screen.queryByText('No such appliance')).toBeNull();
    canRead = true;
    await user.click(main.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(main.queryByText('STORE_FAILED')).toBeNull());
    expect(main.getAllByText('kiln-01').length).toBeGreaterThan(0);
  },
);

test('an appliance whose next readings fail stays on its page', async () => {
  let isWell = true;
  let failures = 0;
  open('#/appliance/kiln-01', {
    'fleet.overview': () => {
      if (isWell) return { appliances: [sampleAppliance()] };
      failures += 1;
      return fail('STORE_FAILED', 'The data folder can’t be read.');
    },
    // Whenever the stream of changes ends, the page reads everything anew.
    'fleet.watch': () => fail('INTERNAL', 'ended'),
  });
  expect(await screen.findByRole('heading', { level: 1, name: 'kiln-01' })).toBeDefined();
  isWell = false;
  // One reading follows the other, so the second proves that the page has taken the first.
  await waitFor(() => expect(failures).toBeGreaterThan(1), { timeout: 4000 });
  expect(screen.getByRole('heading', { level: 1, name: 'kiln-01' })).toBeDefined();
});
