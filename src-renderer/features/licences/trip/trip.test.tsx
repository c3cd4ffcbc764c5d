import '../../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import {
  createFakeConsole,
  sampleAbout,
  throwAppError,
} from '../../../../test-support/renderer/fakeConsole.ts';
import {
  sampleAnswered,
  sampleApplied,
  sampleDryRun,
  sampleTrip,
  tripId,
} from '../../../../test-support/renderer/sampleTrip.ts';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { aLicence } from '../../../../test-support/aLicence.ts';
import { sampleAppliance } from '../../../../test-support/renderer/samples.ts';
import { tripViewSchema, type TripView } from '../../../../src-shared/model/licence/trip.ts';
import { z } from 'zod';
import { App } from '../../../app/App.tsx';

const viewSchema = z.object({ view: tripViewSchema });
type Answers = Parameters<typeof createFakeConsole>[0];

beforeEach(() => {
  URL.createObjectURL = () => 'blob:x';
  URL.revokeObjectURL = () => undefined;
});

/** Opens the page of a renewal. Each answered procedure replaces the view, as the console does. */
async function open(view: TripView, answers: Answers = {}, about: Record<string, unknown> = {}) {
  location.hash = `#/licences/trips/${tripId}`;
  let current = view;
  const updating = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (input: unknown) => {
        const result = answer(input);
        current = viewSchema.parse(result).view;
        return result;
      },
    ]),
  );
  const fake = createFakeConsole({
    'licences.trip': () => ({ view: current }),
    'system.about': () => sampleAbout(about),
    ...updating,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  await screen.findByRole('list', { name: 'Steps of this renewal' });
  const made = (procedure: string) =>
    fake.calls.filter((call) => call.procedure === procedure).map(({ input }) => input);
  return { user: userEvent.setup(), made };
}

const currentStep = () =>
  screen.getByRole('list', { name: 'Steps of this renewal' }).querySelector('[data-state="now"]')
    ?.textContent;

test('when a request is carried out, the page shows its code, its fields with reasons, and marks the way', async () => {
  const { user, made } = await open(sampleTrip(), {
    'licences.markCarried': () => ({
      view: sampleTrip(
        { step: 'answer' },
        { carried: { at: '2026-11-20T09:31:00.000Z', by: 'm.ivers', way: 'file' } },
      ),
    }),
  });
  expect(currentStep()).toContain('Carry out');
  expect(screen.getByRole('img', { name: 'QR code of the request quay-01-0007' })).toBeDefined();
  expect(await screen.findByText('✓ decoded and checked')).toBeDefined();
  const fields = within(screen.getByRole('region', { name: 'What is in the request' }));
  expect(fields.getByRole('row', { name: /Accounts in use 4,812 of 5,000 a total only/u })).toBeDefined();
  expect(fields.getByText('3 s behind this computer')).toBeDefined();
  expect(
    fields.getByText(/account names, tenant names, addresses, host name, secrets, log lines/u),
  ).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Save file…' }));
  await user.click(screen.getByRole('button', { name: 'I have carried it out (file)' }));
  expect(made('licences.markCarried')).toEqual([{ tripId, way: 'file' }]);
  expect(await screen.findByRole('button', { name: 'Choose file…' })).toBeDefined();
});

test('when a file is chosen, it is read as the answer and its comparison opens', async () => {
  const { user, made } = await open(sampleTrip({ step: 'answer' }), {
    'licences.readAnswer': () => ({ view: sampleAnswered() }),
  });
  await user.upload(screen.getByLabelText('Answer as a file'), new File(['the answer'], 'a.jws'));
  expect(await screen.findByRole('region', { name: 'Verification' })).toBeDefined();
  expect(made('licences.readAnswer')).toEqual([{ tripId, way: 'file', text: 'the answer' }]);
});

test('when a pasted text holds no answer, the error is shown beside the step', async () => {
  const { user } = await open(sampleTrip({ step: 'answer' }), {
    'licences.readAnswer': () => throwAppError('INVALID_INPUT', 'The text contains no licence.'),
  });
  await user.type(screen.getByLabelText('Answer as text'), 'hello');
  await user.click(screen.getByRole('button', { name: 'Read the text' }));
  expect((await screen.findByRole('alert')).textContent).toContain('The text contains no licence.');
});

test('when an answer loses something, the dry run starts only after each loss is acknowledged', async () => {
  const { user, made } = await open(sampleAnswered(), {
    'licences.acknowledgeLoss': () => ({ view: sampleAnswered(true) }),
    'licences.dryRun': () => ({ view: sampleDryRun() }),
  });
  expect(screen.getByText('✓ 10 of 10 passed')).toBeDefined();
  expect(screen.getByText('2 gains')).toBeDefined();
  expect(screen.getByText('1 loss, 0 acknowledged')).toBeDefined();
  const start = screen.getByRole('button', { name: 'Dry run on quay-01: 1 loss left' });
  expect(start.hasAttribute('disabled')).toBe(true);
  const loss = within(screen.getByRole('article', { name: /^cq5 is no longer licensed/u }));
  expect(loss.getByText('northwind 2306')).toBeDefined();
  await user.click(loss.getByRole('checkbox', { name: /The owners of these 2 tunnels know/u }));
  expect(made('licences.acknowledgeLoss')).toEqual([{ tripId, loss: 'connector:cq5', isAcknowledged: true }]);
  await user.click(await screen.findByRole('button', { name: 'Dry run on quay-01' }));
  expect(await screen.findByRole('button', { name: 'Apply to quay-01' })).toBeDefined();
  expect(screen.getByText('4,812 of 7,500 in use')).toBeDefined();
});

test('when a check failed, it is named and only rejecting the answer is offered', async () => {
  const checks = sampleAnswered().checks.map((check) =>
    check.check === 'appliance'
      ? { ...check, outcome: 'failed' as const, detail: 'it is for another appliance' }
      : check,
  );
  await open({ ...sampleAnswered(), checks });
  const failed = within(screen.getByRole('list', { name: 'Checks on this computer' })).getByText(
    /it is for another appliance/u,
  );
  expect(failed.closest('li')?.textContent).toContain('failed');
  expect(screen.queryByRole('button', { name: /^Dry run/u })).toBeNull();
  expect(screen.getByRole('button', { name: 'Reject answer' })).toBeDefined();
});

test('when the answer is applied, the page names what ends and then shows the receipt', async () => {
  const { user, made } = await open(sampleDryRun(), { 'licences.apply': () => ({ view: sampleApplied() }) });
  expect(screen.getByText('northwind 2306, acme 2322')).toBeDefined();
  await user.click(screen.getByRole('button', { name: 'Apply to quay-01' }));
  expect(made('licences.apply')).toEqual([{ tripId }]);
  const receipt = await screen.findByRole('region', { name: 'Receipt' });
  expect(receipt.textContent).toContain('13, before 12');
  expect(receipt.textContent).toContain('ab'.repeat(32));
  expect(screen.getByRole('img', { name: 'QR code of the receipt quay-01-0007' })).toBeDefined();
});

test('when it is not known whether the answer was applied, the page says so and asks the appliance', async () => {
  const done = { at: '2026-11-20T09:30:00.000Z', by: 'm.ivers' };
  const { user, made } = await open(
    sampleDryRun({
      applying: done,
      failure: {
        ...done,
        outcome: 'unknown',
        code: 'CONNECT_FAILED',
        message: 'It is not known whether the licence was applied.',
      },
    }),
    { 'licences.settle': () => ({ view: sampleApplied() }) },
  );
  expect(screen.getByRole('alert').textContent).toContain('It is not known whether the licence was applied.');
  await user.click(screen.getByRole('button', { name: 'Ask quay-01' }));
  expect(made('licences.settle')).toEqual([{ tripId }]);
  expect(await screen.findByRole('region', { name: 'Receipt' })).toBeDefined();
});

test('when the user is an operator, applying is disabled', async () => {
  await open(sampleDryRun(), {}, { role: 'operator' });
  expect(screen.getByRole('button', { name: 'Apply to quay-01' }).hasAttribute('disabled')).toBe(true);
});

test('when the user is a viewer, the renewal can only be looked at', async () => {
  await open(sampleTrip(), {}, { role: 'viewer' });
  expect(screen.getByText(/only an operator may continue it/u)).toBeDefined();
  expect(screen.queryByRole('button', { name: /carried it out/u })).toBeNull();
});

test('when an earlier step is looked at, the address keeps it and the state stays', async () => {
  const { user } = await open(sampleDryRun());
  const steps = within(screen.getByRole('list', { name: 'Steps of this renewal' }));
  expect(steps.queryByRole('button')).toBeNull();
  await user.click(steps.getByRole('link', { name: /^Show step:\s*✓\s*Carry out/u }));
  expect(location.hash).toBe(`#/licences/trips/${tripId}?step=carry`);
  expect(await screen.findByRole('region', { name: 'What is in the request' })).toBeDefined();
  expect(currentStep()).toContain('Apply');
});

test('when the dry run is next, only its button says so, and the stepper shows what was done', async () => {
  await open(sampleAnswered(true));
  expect(screen.getAllByRole('button', { name: /Dry run/u })).toHaveLength(1);
  expect(screen.queryByRole('link', { name: /Dry run|Verify/u })).toBeNull();
  expect(screen.getByRole('link', { name: /^Show step:\s*✓\s*Answer/u })).toBeDefined();
  expect(screen.getByLabelText('Next command').textContent).toBe(
    'ke_manage_license_key import - --dry-run --json',
  );
});

test.each([
  { step: 'carry out', view: sampleTrip(), next: /choose the file there and download the licence/u },
  { step: 'receipt', view: sampleApplied(), next: /and choose the file there. The vendor then knows/u },
])('when the lab is open, the step "$step" links to the vendor’s upload page', async ({ view, next }) => {
  await open(view, {}, { labAuthority: 'https://127.0.0.1:4443' });
  const vendor = within(await screen.findByRole('region', { name: 'The lab’s vendor' }));
  expect(vendor.getByRole('link').getAttribute('href')).toBe('https://127.0.0.1:4443');
  expect(vendor.getByText(next)).toBeDefined();
});

test('when the appliance names an instant, the page says it in UTC and in local time', async () => {
  const view = sampleDryRun();
  const { dryRun } = view.trip;
  if (dryRun === null) throw new Error('the sample has a dry run');
  const forecast = [
    { item: 'clock', outcome: 'fits', detail: '2026-11-29 15:13:41 UTC' },
  ] satisfies typeof dryRun.output.forecast;
  await open({
    ...view,
    trip: { ...view.trip, dryRun: { ...dryRun, output: { ...dryRun.output, forecast } } },
  });
  expect(screen.getByRole('list', { name: 'Forecast' }).textContent).toMatch(
    /2026-11-29 15:13:41 UTC \(2026-11-\d\d \d\d:13:41 local time\)/u,
  );
});

test('when a trip is cancelled, the page asks first and then offers no step', async () => {
  const ended = { at: '2026-11-20T09:40:00.000Z', by: 'm.ivers', how: 'cancelled' as const };
  const { user } = await open(sampleTrip(), {
    'licences.cancelTrip': () => ({ view: sampleTrip({}, { ended }) }),
  });
  await user.click(screen.getByRole('button', { name: 'Cancel trip…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Cancel trip quay-01-0007?' }));
  await user.click(dialog.getByRole('button', { name: 'Cancel trip' }));
  expect(await screen.findByText(/This renewal was cancelled/u)).toBeDefined();
  expect(screen.queryByRole('button', { name: /carried it out/u })).toBeNull();
});

test('when a sheet is printed, it has code, text, checklist and a place to sign', async () => {
  const print = vi.fn<() => void>();
  vi.stubGlobal('print', print);
  const { user } = await open(sampleTrip());
  await user.click(screen.getByRole('button', { name: 'Print sheet…' }));
  const sheet = await screen.findByTestId('sheet');
  expect(print).toHaveBeenCalledTimes(1);
  expect(sheet.textContent).toContain(sampleTrip().trip.request);
  expect(sheet.textContent).toContain('Signature:');
  expect(sheet.querySelector('[data-testid="qr"]')).not.toBeNull();
});

const member = (name: string, id: string, expiresAt: string): ApplianceView => {
  const view = sampleAppliance();
  return {
    ...view,
    entry: { ...view.entry, id, name, cluster: 'west' },
    licence: { value: aLicence({ state: 'valid', expiresAt }), observedAt: '2099-01-01T00:00:00.000Z' },
  };
};

test('when a member of a cluster was renewed, the receipt offers the next member', async () => {
  const view = sampleApplied();
  const appliances = [
    member(view.trip.applianceName, '00000000-0000-4000-8000-000000000001', '2028-01-01T00:00:00.000Z'),
    member('other-member', '00000000-0000-4000-8000-000000000002', '2027-01-01T00:00:00.000Z'),
  ];
  location.hash = `#/licences/trips/${tripId}`;
  const fake = createFakeConsole({
    'licences.trip': () => ({ view }),
    'fleet.overview': () => ({ appliances }),
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  const card = within(await screen.findByRole('region', { name: 'Next member' }));
  expect(card.getByRole('link', { name: 'Renew other-member…' }).getAttribute('href')).toContain(
    'renew=other-member',
  );
});
