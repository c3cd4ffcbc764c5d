import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aLicence } from '../../../test-support/aLicence.ts';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import { now, observedAt, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import { App } from '../../app/App.tsx';

beforeEach(() => vi.useFakeTimers({ now, shouldAdvanceTime: true }));
afterEach(() => vi.useRealTimers());

let count = 0;
function withLicence(
  name: string,
  licence: Partial<LicenceShowOutput> | null,
  seenAt = observedAt,
): ApplianceView {
  const view = sampleAppliance();
  count += 1;
  const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  return {
    ...view,
    entry: { ...view.entry, id, name },
    licence: licence === null ? null : { value: aLicence(licence), observedAt: seenAt },
  };
}

const expiring = {
  state: 'expiring',
  reason: 'expires at 2026-12-09 23:59:00 UTC',
  expiresAt: '2026-12-09T23:59:00.000Z',
  graceEndsAt: '2026-12-23T23:59:00.000Z',
  sequence: 12,
} as const;
const later = {
  state: 'valid',
  reason: 'valid until 2027-06-20 00:00:00 UTC',
  expiresAt: '2027-06-20T00:00:00.000Z',
  graceEndsAt: '2027-07-04T00:00:00.000Z',
} as const;

function open(hash: string, appliances: ApplianceView[]) {
  location.hash = hash;
  const fake = createFakeConsole({ 'fleet.overview': () => ({ appliances }) });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return { user: userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTimeAsync(ms) }) };
}

const fleet = () => [
  withLicence('bench-01', {}),
  withLicence('kiln-01', later),
  withLicence('quay-01', expiring),
  withLicence('quay-02', { ...later, expiresAt: '2027-01-14T23:59:00.000Z' }, '2026-11-17T05:00:00.000Z'),
  withLicence('silo-01', null),
];

test('when licences expire, the calendar lists the first to expire first, with the work before it', async () => {
  open('#/licences', fleet());
  const calendar = within(await screen.findByRole('region', { name: 'Expiry calendar' }));
  const rows = calendar.getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual([
    'quay-01',
    'quay-02',
    'kiln-01',
    'bench-01',
    'silo-01',
  ]);
  expect(rows[0]?.textContent).toContain(
    'quay-01 expires 2026-12-09 23:59 UTC; Ask for a quote by Wed 4 Nov; Order by Wed 18 Nov; Carry out and back by Fri 27 Nov; Apply by Fri 4 Dec',
  );
  expect(rows[3]?.textContent).toContain('No licence required');
  expect(rows[4]?.textContent).toContain('No data yet');
});

test('when a licence was last seen days ago, its age is shown and not taken as fresh', async () => {
  open('#/licences', fleet());
  const calendar = within(await screen.findByRole('region', { name: 'Expiry calendar' }));
  const old = calendar.getByRole('row', { name: /^quay-02/u });
  expect(within(old).getByTestId('age').dataset['old']).toBe('true');
  const fresh = calendar.getByRole('row', { name: /^quay-01/u });
  expect(within(fresh).getByTestId('age').dataset['old']).toBe('false');
});

test('when a date is near or a licence has a problem, it needs action; others are left out', async () => {
  open('#/licences', fleet());
  const action = within(await screen.findByRole('region', { name: 'Needs action' }));
  const [row, ...others] = action.getAllByRole('listitem');
  expect(others).toEqual([]);
  expect(row?.textContent).toContain('quay-01 expires in 19 d');
  expect(row?.textContent).toContain('Carry the request out and the answer back by Fri 27 Nov');
  expect(row?.textContent).toContain('2026-12-09 23:59 UTC');
  expect(row?.textContent).toContain('local time');
  expect(action.getByText('Fri 27 Nov, in 7 d')).toBeDefined();
});

test.each([
  { state: 'grace', reason: 'r', says: 'No new tenants or ports after 23 Dec (licence grace ends).' },
  { state: 'missing', reason: 'no licence is installed', says: 'Renew now' },
  { state: 'unverifiable', reason: 'the signature is not valid', says: 'the signature is not valid' },
] as const)('when a licence is $state, it needs action', async ({ state, reason, says }) => {
  open('#/licences', [withLicence('quay-01', { ...expiring, state, reason })]);
  const action = await screen.findByRole('region', { name: 'Needs action' });
  expect(action.textContent).toContain(says);
});

test('when the table is chosen, it shows UTC and local time and is kept in the address', async () => {
  const { user } = open('#/licences', fleet());
  await user.click(await screen.findByRole('button', { name: 'Table' }));
  expect(location.hash).toBe('#/licences?show=table');
  const row = within(await screen.findByRole('row', { name: 'quay-01' }));
  expect(row.getByText('2026-12-09 23:59 UTC')).toBeDefined();
  expect(row.getByText('Carry the request out and the answer back by Fri 27 Nov')).toBeDefined();
});

test('when another span is chosen, the calendar keeps it in the address', async () => {
  const { user } = open('#/licences', fleet());
  await user.click(await screen.findByRole('button', { name: '2 years' }));
  expect(location.hash).toBe('#/licences?months=24');
});

const inCluster = (view: ApplianceView) => ({ ...view, entry: { ...view.entry, cluster: 'west' } });

test('when appliances form a cluster, their licences are listed together with what differs', async () => {
  open('#/licences', [
    inCluster(withLicence('kiln-01', later)),
    inCluster(withLicence('kiln-02', { ...later, sequence: 7 })),
    withLicence('quay-01', expiring),
  ]);
  const card = within(await screen.findByRole('region', { name: 'Licences of cluster west' }));
  expect(card.getByText('different licences')).toBeDefined();
  const rows = card.getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual(['kiln-01', 'kiln-02']);
  expect(card.getByText('Different sequence: kiln-01 none, kiln-02 7.')).toBeDefined();
});
