import '../../../../../test-support/renderer/pageSetup.ts';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { FacetReport } from '../../../../../src-shared/contract/logs.ts';
import { keptLine } from '../../../../../test-support/renderer/keptLines.ts';
import { openSearch } from '../../../../../test-support/renderer/keptPage.tsx';
import { applianceId } from '../../../../../test-support/renderer/samples.ts';

const lines = [keptLine(0, 'northwind: up'), keptLine(1, 'down', 'sshd[1]'), keptLine(2, 'up', 'sshd[1]')];
const report: FacetReport = {
  facets: {
    severity: [0, 0, 0, 1, 0, 0, 1200, 0, 0],
    program: { values: [{ value: 'sshd', count: 1200 }], others: 7 },
    host: { values: [{ value: 'kiln-01', count: 1201 }], others: 0 },
    appliance: { values: [{ value: applianceId, count: 1201 }], others: 0 },
  },
  scannedLines: 1201,
  totalLines: 1201,
  isDone: true,
};
async function* send(value: FacetReport): AsyncGenerator<FacetReport> {
  yield await Promise.resolve(value);
}

test('when facets are shown, a click adds a value to the query, and another takes it away', async () => {
  const user = userEvent.setup();
  const { inputs } = openSearch('&find=up', lines, {}, { 'logs.facets': () => send(report) });
  await screen.findAllByTestId('kept-line');
  await user.click(screen.getByRole('button', { name: 'Facets' }));
  const panel = within(await screen.findByRole('complementary', { name: 'Facets' }));
  const program = within(await panel.findByRole('group', { name: 'Program' }));
  expect(program.getByText('7 lines with other values')).toBeDefined();
  expect(within(panel.getByRole('group', { name: 'Severity' })).getAllByRole('button')).toHaveLength(2);
  expect(within(panel.getByRole('group', { name: 'Appliance' })).getByText('kiln-01')).toBeDefined();
  const sshd = () => program.getByRole('button', { name: 'sshd 1,200' });
  await user.click(sshd());
  await waitFor(() => expect(location.hash).toContain('find=up+program%3Asshd'));
  await waitFor(() => expect(screen.getAllByTestId('kept-line')).toHaveLength(1));
  expect(inputs('logs.facets').at(-1)).toMatchObject({ search: { query: { kind: 'and' } } });
  await user.click(sshd());
  await waitFor(() => expect(location.hash).toContain('find=up'));
  expect(location.hash).not.toContain('sshd');
  await user.click(screen.getByRole('button', { name: 'Facets' }));
  expect(screen.queryByTestId('facets')).toBeNull();
});

const shown = () => screen.getAllByTestId('kept-line').map(({ textContent }) => textContent);

test('when a column is switched off in the menu, the lines lose it', async () => {
  const user = userEvent.setup();
  openSearch('', lines);
  await screen.findAllByTestId('kept-line');
  await user.click(screen.getByRole('button', { name: 'Columns' }));
  const item = await screen.findByRole('menuitemcheckbox', { name: /Program/u });
  await waitFor(() => expect(shown()[1]).toContain('sshd[1]'));
  await user.click(item);
  await waitFor(() => expect(shown().filter((text) => text.includes('sshd[1]'))).toEqual([]));
  expect(shown().length).toBeGreaterThan(1);
  await user.click(item);
});
