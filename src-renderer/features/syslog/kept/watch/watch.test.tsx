import '../../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { keptLine } from '../../../../../test-support/renderer/keptLines.ts';
import { openSearch } from '../../../../../test-support/renderer/keptPage.tsx';
import { applianceId } from '../../../../../test-support/renderer/samples.ts';

const rule = {
  id: '1b671a64-40d5-491e-99b0-da01ff1f3341',
  name: 'failed logins',
  query: 'program:sshd failed',
  threshold: 5,
  windowSeconds: 60,
  quietSeconds: 600,
  groupBy: 'tenant' as const,
  applianceIds: null,
  isEnabled: true,
};
const last = { at: Date.parse('2026-11-20T03:00:00Z'), applianceId, text: '“failed logins”: 5 lines' };

async function openWatch(rules: unknown[]) {
  const user = userEvent.setup();
  const page = openSearch(
    '&find=took',
    [keptLine(0, 'took 1 ms')],
    {},
    {
      'logWatch.rules': () => ({ rules }),
      'logWatch.add': () => ({}),
      'logWatch.setEnabled': () => ({}),
      'logWatch.remove': () => ({}),
    },
  );
  await user.click(await screen.findByRole('button', { name: 'Watch…' }));
  return { ...page, user, drawer: within(await screen.findByRole('dialog')) };
}

test('when there are watch rules, each is listed with what it raised last, switched off and removed', async () => {
  const { user, drawer, inputs } = await openWatch([{ ...rule, last }]);
  const row = within(await drawer.findByTestId('watch-rule'));
  expect(row.getByText('5 lines within 60 s, of each tenant apart; at most every 600 s')).toBeDefined();
  expect(row.getByText(/“failed logins”: 5 lines/u)).toBeDefined();
  await user.click(row.getByRole('button', { name: 'On' }));
  await waitFor(() =>
    expect(inputs('logWatch.setEnabled')).toEqual([{ name: 'failed logins', isEnabled: false }]),
  );
  await user.click(row.getByRole('button', { name: 'Remove failed logins' }));
  await waitFor(() => expect(inputs('logWatch.remove')).toEqual([{ name: 'failed logins' }]));
});

test('when a rule is added, it begins with the query of the page, and a number out of bounds is named', async () => {
  const { user, drawer, inputs } = await openWatch([]);
  expect(await drawer.findByText('No rules yet.')).toBeDefined();
  await user.type(drawer.getByLabelText('Name of the new rule'), 'slow');
  const quiet = drawer.getByLabelText('Seconds without another notification');
  await user.clear(quiet);
  await user.type(quiet, '59');
  expect(drawer.getByText('A whole number from 60 to 604800')).toBeDefined();
  expect(drawer.getByRole('button', { name: 'Add rule' })).toHaveProperty('disabled', true);
  await user.type(quiet, '0');
  await user.click(drawer.getByLabelText('Only lines of kiln-01'));
  await user.click(drawer.getByRole('button', { name: 'Add rule' }));
  await waitFor(() =>
    expect(inputs('logWatch.add')).toEqual([
      {
        rule: {
          name: 'slow',
          query: 'took',
          threshold: 1,
          windowSeconds: 60,
          quietSeconds: 590,
          groupBy: 'none',
          applianceIds: [applianceId],
          isEnabled: true,
        },
      },
    ]),
  );
});
