import '../../testing/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { defaultNotificationRules } from '../../../src-shared/model/notification.ts';
import { defaultProbing } from '../../../src-shared/model/probe.ts';
import { App } from '../../app/App.tsx';
import { createFakeConsole, fail } from '../../testing/fakeConsole.ts';
import { probingFormOf, readProbing, readRules, rulesFormOf } from './forms.ts';

const form = rulesFormOf(defaultNotificationRules, defaultNotificationRules);

test('rules survive being shown and read again; one that is off keeps its number in the form only', () => {
  expect(readRules(form)).toEqual({ rules: defaultNotificationRules });
  const off = { ...defaultNotificationRules, keyDays: null, quietHours: { from: '22:30', to: '06:00' } };
  const shown = rulesFormOf(off, defaultNotificationRules);
  expect(shown.keyDays).toEqual({ on: false, number: '365' });
  expect(readRules(shown)).toEqual({ rules: off });
});

test.each([
  [{ downMinutes: { on: true, number: '0' } }, { downMinutes: '1 to 10080 minutes' }],
  [{ flapsPerHour: { on: true, number: 'four' } }, { flapsPerHour: '2 to 1000 drops' }],
  [{ quotaPercent: { on: true, number: '101' } }, { quotaPercent: '1 to 100 %' }],
  [{ keyDays: { on: true, number: '' } }, { keyDays: '1 to 3650 days' }],
  [{ quiet: { on: true, from: '25:00', to: '06:00' } }, { quiet: 'Write both times as 22:00.' }],
  [
    { quiet: { on: true, from: '06:00', to: '06:00' } },
    { quiet: 'Quiet hours begin and end at the same time.' },
  ],
])('%o is refused in words', (change, problems) => {
  expect(readRules({ ...form, ...change })).toEqual({ problems });
});

test('probing is read back as it was, and nonsense refused', () => {
  const probing = probingFormOf(defaultProbing);
  expect(readProbing(probing)).toEqual({ probing: defaultProbing });
  expect(readProbing({ ...probing, everyMinutes: '-1', atOnce: '33' })).toEqual({
    problems: { everyMinutes: '1 to 1440 minutes', atOnce: '1 to 32 at once' },
  });
});

test('a rule is changed and saved; a refusal stands beside the button', async () => {
  const user = userEvent.setup();
  location.hash = '#/settings';
  const { connection, calls } = createFakeConsole({
    'notifications.rules': () => ({ rules: defaultNotificationRules }),
    'notifications.setRules': () => ({}),
    'ports.probing': () => ({ probing: defaultProbing }),
    'ports.setProbing': () => fail('NOT_PERMITTED', 'Only an admin may.'),
  });
  render(<App connection={connection} />);
  connection.start();
  const rules = within(await screen.findByRole('region', { name: 'Notifications' }));
  const days = await rules.findByRole('textbox', { name: 'Days' });
  expect(rules.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true);
  await user.clear(days);
  await user.click(rules.getByRole('button', { name: 'Save' }));
  expect((await rules.findByRole('alert')).textContent).toBe('1 to 3650 days');
  await user.type(days, '90');
  await user.click(rules.getByRole('checkbox', { name: 'A tunnel comes and goes' }));
  await user.click(rules.getByRole('button', { name: 'Save' }));
  expect(
    calls.filter((call) => call.procedure === 'notifications.setRules').map((call) => call.input),
  ).toEqual([{ rules: { ...defaultNotificationRules, keyDays: 90, flapsPerHour: null } }]);
  const probing = within(screen.getByRole('region', { name: 'Probing' }));
  await user.click(await probing.findByRole('checkbox', { name: /Probe by itself/u }));
  await user.click(probing.getByRole('button', { name: 'Save' }));
  expect((await probing.findByRole('alert')).textContent).toContain('NOT_PERMITTED');
});

test('who is no admin sees the rules and can’t change them', async () => {
  location.hash = '#/settings';
  const { connection } = createFakeConsole({
    'system.about': () => ({
      version: '0.1.0',
      host: 'web',
      operator: 'm.ivers',
      role: 'operator',
      lab: false,
    }),
    'notifications.rules': () => ({ rules: defaultNotificationRules }),
    'ports.probing': () => ({ probing: defaultProbing }),
  });
  render(<App connection={connection} />);
  connection.start();
  const rules = within(await screen.findByRole('region', { name: 'Notifications' }));
  expect(await rules.findByText('Only an admin may change this.')).toBeDefined();
  expect(rules.getByRole('textbox', { name: 'Days' }).matches(':disabled')).toBe(true);
});
