import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  defaultNotificationRules,
  notificationRulesSchema,
  type NotificationRules,
} from '../../../src-shared/model/notifications/notification.ts';
import { defaultProbing } from '../../../src-shared/model/tunnels/probe.ts';
import { App } from '../../app/App.tsx';
import { createFakeConsole, fail } from '../../../test-support/renderer/fakeConsole.ts';
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
  [{ quiet: { on: true, from: '25:00', to: '06:00' } }, { quiet: 'Enter both times as 22:00.' }],
  [
    { quiet: { on: true, from: '06:00', to: '06:00' } },
    { quiet: 'Quiet hours start and end at the same time.' },
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
  await user.click(rules.getByRole('checkbox', { name: 'A tunnel drops' }));
  await user.click(rules.getByRole('button', { name: 'Save' }));
  expect(
    calls.filter((call) => call.procedure === 'notifications.setRules').map((call) => call.input),
  ).toEqual([{ rules: { ...defaultNotificationRules, keyDays: 90, flapsPerHour: null } }]);
  const probing = within(screen.getByRole('region', { name: 'Probing' }));
  await user.click(await probing.findByRole('checkbox', { name: /Test every tunnel automatically/u }));
  await user.click(probing.getByRole('button', { name: 'Save' }));
  expect((await probing.findByRole('alert')).textContent).toContain('NOT_PERMITTED');
});

/** The settings page on a console whose rules change, by this page or by another that `saveElsewhere` stands for. */
async function showRules() {
  location.hash = '#/settings';
  let rules: NotificationRules = defaultNotificationRules;
  let wake: (() => void) | null = null;
  async function* changes() {
    for (;;) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      yield { appliances: [], removed: [], prompts: false, audit: false, ports: false, notifications: true };
    }
  }
  const { connection, calls } = createFakeConsole({
    'fleet.watch': () => changes(),
    'notifications.rules': () => ({ rules }),
    'notifications.setRules': (input) => {
      rules = z.object({ rules: notificationRulesSchema }).parse(input).rules;
      return {};
    },
    'ports.probing': () => ({ probing: defaultProbing }),
  });
  render(<App connection={connection} />);
  connection.start();
  const asked = (procedure: string) =>
    calls.filter((call) => call.procedure === procedure).map((call) => call.input);
  const card = within(await screen.findByRole('region', { name: 'Notifications' }));
  return {
    card,
    days: await card.findByRole<HTMLInputElement>('textbox', { name: 'Days' }),
    ageRule: card.getByRole('checkbox', { name: 'A key is older than' }),
    button: (name: string) => card.getByRole<HTMLButtonElement>('button', { name }),
    saved: () => asked('notifications.setRules'),
    /** Resolves once the page has read the rules again. */
    saveElsewhere: async (part: Partial<NotificationRules>): Promise<void> => {
      rules = { ...rules, ...part };
      const before = asked('notifications.rules').length;
      act(() => wake?.());
      await waitFor(() => expect(asked('notifications.rules').length).toBeGreaterThan(before));
      await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    },
  };
}

test('a rule whose number was changed and that is then switched off is saved, and reads so', async () => {
  const user = userEvent.setup();
  const { card, days, ageRule, button, saved } = await showRules();
  await user.clear(days);
  await user.type(days, '090');
  await user.click(ageRule);
  await user.click(button('Save'));
  expect(await card.findByText('Saved.')).toBeDefined();
  expect(saved()).toEqual([{ rules: { ...defaultNotificationRules, keyDays: null } }]);
  expect(button('Save').disabled).toBe(true);
  expect(days.value).toBe('090');
  await user.click(ageRule);
  expect(card.getByText('Unsaved changes.')).toBeDefined();
  await user.click(button('Save'));
  expect(await card.findByText('Saved.')).toBeDefined();
  expect(saved().at(-1)).toEqual({ rules: { ...defaultNotificationRules, keyDays: 90 } });
  expect(button('Discard changes').disabled).toBe(true);
});

test('a form that changes nothing follows what another admin saves; one that does keeps what was typed', async () => {
  const user = userEvent.setup();
  const { card, days, ageRule, button, saveElsewhere } = await showRules();
  await saveElsewhere({ keyDays: 100 });
  expect(days.value).toBe('100');
  expect(button('Save').disabled).toBe(true);
  // Touched, but back to what is saved.
  await user.click(ageRule);
  await user.click(ageRule);
  await saveElsewhere({ keyDays: 200 });
  expect(days.value).toBe('200');
  expect(card.queryByText('Unsaved changes.')).toBeNull();
  await user.type(days, '1');
  await saveElsewhere({ keyDays: 300 });
  expect(days.value).toBe('2001');
  await user.click(button('Discard changes'));
  expect(days.value).toBe('300');
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
