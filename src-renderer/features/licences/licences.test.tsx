import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aLicence } from '../../../test-support/aLicence.ts';
import { createFakeConsole } from '../../../test-support/renderer/fakeConsole.ts';
import { now, observedAt, sampleAppliance } from '../../../test-support/renderer/samples.ts';
import type { ApplianceView } from '../../../src-shared/contract/fleet.ts';
import type { LicenceShowOutput } from '../../../src-shared/model/licence/licence.ts';
import { leadTimesSchema, remindersSchema } from '../../../src-shared/model/licence/calendarSettings.ts';
import type { TripSummary } from '../../../src-shared/model/licence/trip.ts';
import { emptySchedule, licenceWorkSchema } from '../../../src-shared/model/licence/licenceWork.ts';
import { scheduleRenewal } from '../../../src-shared/model/licence/scheduleRenewal.ts';
import { App } from '../../app/App.tsx';

beforeEach(() => vi.useFakeTimers({ now, shouldAdvanceTime: true }));
afterEach(() => vi.useRealTimers());

const leadTimes = leadTimesSchema.parse({ closedDays: '24 Dec – 3 Jan' });
const mark = { at: '2026-11-02T09:00:00.000Z', by: 'ada', note: '' };
const ordered = { done: { quote: mark, order: { ...mark, note: 'PO 88140' } } };

let count = 0;
function withLicence(
  name: string,
  licence: Partial<LicenceShowOutput> | null,
  { seenAt = observedAt, work = {} }: { seenAt?: string; work?: unknown } = {},
): ApplianceView {
  const view = sampleAppliance();
  count += 1;
  const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  const value = licence === null ? null : aLicence(licence);
  const schedule =
    value === null
      ? emptySchedule
      : scheduleRenewal({ licence: value, work: licenceWorkSchema.parse(work), trip: null, leadTimes, now });
  return {
    ...view,
    entry: { ...view.entry, id, name },
    licence: value === null ? null : { value, observedAt: seenAt },
    schedule,
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

function open(hash: string, appliances: ApplianceView[], trips: readonly TripSummary[] = []) {
  location.hash = hash;
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances }),
    'licences.trips': () => ({ trips }),
    'licences.calendar': () => ({ leadTimes, reminders: remindersSchema.parse({}) }),
    'licences.snooze': () => ({}),
    'licences.endSnooze': () => ({}),
    'licences.markStep': () => ({}),
    'licences.setLeadTimes': () => ({}),
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return {
    calls: fake.calls,
    user: userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTimeAsync(ms) }),
  };
}

const fleet = () => [
  withLicence('bench-01', {}),
  withLicence('kiln-01', { ...later, mode: 'connected' }),
  withLicence('quay-01', { ...expiring, mode: 'offline' }, { work: ordered }),
  withLicence(
    'quay-02',
    { ...later, expiresAt: '2027-01-14T23:59:00.000Z', sequence: 4 },
    { seenAt: '2026-11-17T05:00:00.000Z' },
  ),
  withLicence('silo-01', null),
];

test('when licences expire, the calendar lists the first to expire first, with the work before it', async () => {
  open('#/licences', fleet());
  const calendar = within(await screen.findByRole('region', { name: 'Expiry calendar' }));
  const rows = calendar.getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual([
    'quay-01 air-gapped',
    'quay-02',
    'kiln-01 connected',
    'bench-01',
    'silo-01',
  ]);
  expect(rows[0]?.textContent).toContain(
    'quay-01 expires 2026-12-09 23:59 UTC; Ask for a quote: done; Order: done (PO 88140); Carry out and back by Fri 27 Nov (moved: weekend); Apply by Fri 4 Dec',
  );
  expect(rows[1]?.textContent).toContain('Order by Wed 23 Dec (moved: closed 24 Dec – 3 Jan)');
  expect(rows[2]?.textContent).not.toContain('Carry');
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
  { state: 'grace', reason: 'r', says: '(licence grace ends)' },
  { state: 'missing', reason: 'no licence is installed', says: 'Install a licence' },
  { state: 'unverifiable', reason: 'the signature is not valid', says: 'the signature is not valid' },
] as const)('when a licence is $state, it needs action', async ({ state, reason, says }) => {
  open('#/licences', [withLicence('quay-01', { ...expiring, state, reason })]);
  const action = await screen.findByRole('region', { name: 'Needs action' });
  expect(action.textContent).toContain(says);
});

const tripOf = ({ entry }: ApplianceView, ended: TripSummary['ended']): TripSummary => ({
  id: '00000000-0000-4000-8000-0000000000aa',
  name: `${entry.name}-0001`,
  applianceName: entry.name,
  entryId: entry.id,
  step: 'carry',
  openedAt: '2026-11-20T09:00:00.000Z',
  ended,
});

test('when a renewal is open, its appliance stays in sight although no step is due', async () => {
  const due = { ...expiring, mode: 'offline' } as const;
  const quay = withLicence('quay-01', due);
  const far = { ...quay, schedule: { ...quay.schedule, isDue: false, hasBegun: true } };
  open('#/licences', [far], [tripOf(far, null)]);
  const rows = within(await screen.findByRole('region', { name: 'Needs action' }));
  expect(rows.getByRole('button', { name: 'Continue trip' })).toBeDefined();
  expect(screen.getByRole('link', { name: /quay-01.*19 d left/u })).toBeDefined();
  expect(screen.getByRole('button', { name: 'Trips, 1 open' })).toBeDefined();
});

test('when a renewal has ended, the view of trips has no number, because its table lists ended ones too', async () => {
  const quay = withLicence('quay-01', { ...later, mode: 'offline' });
  open('#/licences', [quay], [tripOf(quay, { how: 'done', by: 'ada', at: '2026-11-20T09:20:00.000Z' })]);
  expect(await screen.findByRole('button', { name: 'Trips' })).toBeDefined();
  expect(screen.queryByRole('region', { name: /Needs action/u })).toBeNull();
});

test('when an offline licence needs a quote, its row also offers to renew it; a connected one does not', async () => {
  const { user } = open('#/licences', [
    withLicence('quay-01', { ...expiring, mode: 'offline' }),
    withLicence('kiln-01', { ...expiring, mode: 'connected' }),
  ]);
  expect(await screen.findAllByRole('button', { name: 'Copy quote request' })).toHaveLength(2);
  expect(screen.queryByRole('button', { name: 'Renew offline… kiln-01' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Renew offline… quay-01' }));
  expect(await screen.findByRole('dialog', { name: 'Renew offline' })).toBeDefined();
});

test('when the table is chosen, it shows UTC and local time and is kept in the address', async () => {
  const { user } = open('#/licences', fleet());
  await user.click(await screen.findByRole('button', { name: 'Table' }));
  expect(location.hash).toBe('#/licences?show=table');
  const row = within(await screen.findByRole('row', { name: 'quay-01' }));
  for (const head of ['Expires (UTC)', 'Expires (local)'])
    expect(screen.getByRole('columnheader', { name: head })).toBeDefined();
  // The tests' local time is UTC.
  expect(row.getAllByText('2026-12-09 23:59')).toHaveLength(2);
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

test('when an appliance is snoozed, it says by whom, until when and why, and the snooze can be ended', async () => {
  const snooze = { until: '2026-11-30', reason: 'Budget meeting on the 27th', at: mark.at, by: 'm.ivers' };
  const { user, calls } = open('#/licences', [withLicence('quay-01', expiring, { work: { snooze } })]);
  const action = within(await screen.findByRole('region', { name: 'Needs action' }));
  expect(action.getByText('Snoozed by m.ivers until 30 Nov: “Budget meeting on the 27th”')).toBeDefined();
  expect(screen.queryByText('1 due')).toBeNull();
  await user.click(action.getByRole('button', { name: 'End snooze of quay-01' }));
  expect(calls.find(({ procedure }) => procedure === 'licences.endSnooze')?.input).toMatchObject({
    sequence: 12,
  });
});

test('when a licence is snoozed, a reason is required', async () => {
  const { user, calls } = open('#/licences', [withLicence('quay-01', expiring)]);
  expect(await screen.findByText('1 due')).toBeDefined();
  await user.click(await screen.findByRole('button', { name: 'Snooze quay-01…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Snooze quay-01' }));
  const submit = dialog.getByRole('button', { name: 'Snooze' });
  expect(submit.hasAttribute('disabled')).toBe(true);
  await user.type(dialog.getByLabelText('Reason'), 'Vendor is closed');
  await user.click(submit);
  expect(calls.find(({ procedure }) => procedure === 'licences.snooze')?.input).toMatchObject({
    sequence: 12,
    until: '2026-11-27',
    reason: 'Vendor is closed',
  });
});

test('when a step is marked, its note is kept; a marked step can be undone', async () => {
  const work = { done: { quote: { ...mark, note: 'offer 7' } } };
  const { user, calls } = open('#/licences?mark=quay-01', [withLicence('quay-01', expiring, { work })]);
  const dialog = within(await screen.findByRole('dialog', { name: 'Steps of quay-01' }));
  await user.type(dialog.getByLabelText('Note on “Order”'), 'PO 88140');
  await user.click(dialog.getByRole('button', { name: 'Mark as done: Order' }));
  await user.click(dialog.getByRole('button', { name: 'Undo: Ask for a quote' }));
  const marked = calls.filter(({ procedure }) => procedure === 'licences.markStep');
  expect(marked.map(({ input }) => input)).toMatchObject([
    { sequence: 12, step: 'order', isDone: true, note: 'PO 88140' },
    { sequence: 12, step: 'quote', isDone: false, note: '' },
  ]);
});

test('when the host key changed, it is compared before the renewal', async () => {
  const stopped = withLicence('quay-02', later);
  const error = { code: 'HOST_KEY_CHANGED', message: 'changed', retryable: false, detail: {} } as const;
  const { user } = open('#/licences', [{ ...stopped, link: { state: 'stopped', error, since: observedAt } }]);
  const action = within(await screen.findByRole('region', { name: 'Needs action' }));
  expect(action.getByText(/Confirm the new host key before you plan this renewal/u)).toBeDefined();
  await user.click(action.getByRole('button', { name: 'Compare host keys' }));
  expect(location.hash).toBe('#/appliance/quay-02');
});

test('when roles are reminded and closed days move dates, the cards say so', async () => {
  open('#/licences', fleet());
  const reminders = await screen.findByRole('region', { name: 'Reminders' });
  expect(reminders.textContent).toContain('purchasing14 and 3 d before quote and order datesnext 26 Nov');
  expect(reminders.textContent).toContain('licence manager7 and 1 d before carry and apply datesdue today');
  const leadTimesCard = await screen.findByRole('region', { name: 'Lead times' });
  expect(leadTimesCard.textContent).toContain(
    'Closed 24 Dec – 3 Jan: “order” for quay-02 moves to Wed 23 Dec.',
  );
});

test('when lead times are edited, closed days that can’t be read are refused in place', async () => {
  const { user, calls } = open('#/licences', fleet());
  await user.click(await screen.findByRole('button', { name: 'Edit lead times…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Lead times' }));
  const closed = await dialog.findByLabelText('Closed days, beside weekends');
  await user.clear(closed);
  await user.type(closed, 'Christmas');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await dialog.findByText(/^Enter days or ranges such as/u)).toBeDefined();
  await user.clear(closed);
  await user.type(closed, '1 May');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(calls.find(({ procedure }) => procedure === 'licences.setLeadTimes')?.input).toMatchObject({
    leadTimes: { closedDays: '1 May', quoteDays: 35 },
  });
});

test('when lead times would plan the quote after the order, the form names the step and saves nothing', async () => {
  const { user, calls } = open('#/licences', fleet());
  await user.click(await screen.findByRole('button', { name: 'Edit lead times…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Lead times' }));
  const quote = await dialog.findByLabelText('Quote: days before the last day of the licence');
  await user.clear(quote);
  await user.type(quote, '20');
  await user.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await dialog.findByText(/“Ask for a quote” must be at least 21 days/u)).toBeDefined();
  expect(calls.some(({ procedure }) => procedure === 'licences.setLeadTimes')).toBe(false);
});

test.each([
  ['Pacific/Auckland', '10 Dec 13:00', '2026-12-10 13:00'],
  ['Pacific/Honolulu', '9 Dec 14:00', '2026-12-09 14:00'],
])('when a licence expires at midnight UTC, %s sees its own day and time', async (zone, day, local) => {
  vi.stubEnv('TZ', zone);
  // Formats keep the zone in which they were made.
  vi.resetModules();
  const { ExpiryCalendar } = await import('./components/ExpiryCalendar.tsx');
  const { licenceColumns } = await import('./components/licenceColumns.tsx');
  const { licenceRows } = await import('./rows.ts');
  const rows = licenceRows([withLicence('quay-01', { ...expiring, expiresAt: '2026-12-10T00:00:00.000Z' })]);
  render(
    <ExpiryCalendar rows={rows} now={now} months="8" closed={[]} onMonths={() => undefined} onMark={null} />,
  );
  const calendar = await screen.findByRole('region', { name: 'Expiry calendar' });
  expect(calendar.textContent).toContain('quay-01 expires 2026-12-10 00:00 UTC');
  expect(calendar.textContent).toContain(day);
  expect(calendar.innerHTML).toContain(`${local} local time`);
  const shown = licenceColumns(now).find(({ id }) => id === 'local')?.value;
  expect(rows.map((row) => shown?.(row))).toEqual([local]);
  vi.unstubAllEnvs();
});
