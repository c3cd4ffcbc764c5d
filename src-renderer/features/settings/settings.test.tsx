import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  defaultNotificationRules,
  notificationRulesSchema,
  type NotificationRules,
} from '../../../src-shared/model/notifications/kinds.ts';
import { numberSetting } from '../../../src-shared/base/settingFields.ts';
import { customerSenderSchema } from '../../../src-shared/model/tunnels/customerMessage.ts';
import { defaultProbing, probingSchema } from '../../../src-shared/model/tunnels/probe.ts';
import { App } from '../../app/App.tsx';
import {
  createFakeConsole,
  throwAppError,
  sampleAbout,
  samplePolicy,
} from '../../../test-support/renderer/fakeConsole.ts';
import { readSettings, writeSettings, type Settings } from './forms.ts';

const formOf = (rules: Settings) => writeSettings(notificationRulesSchema, rules);
const form = formOf(defaultNotificationRules);
const typed = (name: string, text: string) => ({ [name]: { isOn: true, text, until: '' } });
const readRules = (
  changes: Partial<Record<keyof NotificationRules, readonly [boolean, string, string?]>> = {},
) => {
  const changed = Object.entries(changes).map(([name, [isOn, text, until = '']]) => [
    name,
    { isOn, text, until },
  ]);
  return readSettings(notificationRulesSchema, { ...form, ...Object.fromEntries(changed) });
};

test('when rules are shown and read again, they are the same; a rule that is off shows its default', () => {
  expect(readRules()).toEqual({ settings: defaultNotificationRules });
  const off = { ...defaultNotificationRules, keyDays: null, quietHours: { from: '22:30', to: '06:00' } };
  const shown = formOf(off);
  expect(shown['keyDays']).toEqual({ isOn: false, text: '365', until: '' });
  expect(readSettings(notificationRulesSchema, shown)).toEqual({ settings: off });
});

test.each([
  [{ downMinutes: [true, '0'] }, { downMinutes: 'Enter a number from 1 to 10080.' }],
  [{ flapsPerHour: [true, 'four'] }, { flapsPerHour: 'Enter a number from 2 to 1000.' }],
  [{ quotaPercent: [true, '101'] }, { quotaPercent: 'Enter a number from 1 to 100.' }],
  [{ keyDays: [true, ''] }, { keyDays: 'Enter a number from 1 to 3650.' }],
  [{ quietHours: [true, '25:00', '06:00'] }, { quietHours: 'Enter both times as HH:MM, for example 22:00.' }],
  [
    { quietHours: [true, '06:00', '06:00'] },
    { quietHours: 'Quiet hours must start and end at different times.' },
  ],
] as const)('rejects %o with a message', (changes, problems) => {
  expect(readRules(changes)).toEqual({ problems });
});

test('when several fields are wrong, each has its own message', () => {
  const probing = writeSettings(probingSchema, defaultProbing);
  expect(readSettings(probingSchema, probing)).toEqual({ settings: defaultProbing });
  expect(
    readSettings(probingSchema, { ...probing, ...typed('everyMinutes', '-1'), ...typed('atOnce', '33') }),
  ).toEqual({
    problems: {
      everyMinutes: 'Enter a number from 1 to 1440.',
      atOnce: 'Enter a number from 1 to 32.',
    },
  });
});

test('when a schema has a field more, its form shows that field and its error under its own name', () => {
  const schema = probingSchema.extend({
    retries: numberSetting({ label: 'Retries', inputLabel: 'Retries', unit: '', min: 0, max: 3, default: 1 }),
  });
  const shown = writeSettings(schema, { ...defaultProbing, retries: 4 });
  expect(readSettings(schema, shown)).toEqual({ problems: { retries: 'Enter a number from 0 to 3.' } });
});

test('when a rule is changed, it is saved; an error of the console shows beside the button', async () => {
  const user = userEvent.setup();
  location.hash = '#/settings';
  const { connection, calls } = createFakeConsole({
    'notifications.rules': () => ({ rules: defaultNotificationRules }),
    'notifications.setRules': () => ({}),
    'ports.probing': () => ({ probing: defaultProbing }),
    'ports.setProbing': () => throwAppError('NOT_PERMITTED', 'Only an admin may.'),
  });
  render(<App connection={connection} />);
  connection.start();
  const rules = within(await screen.findByRole('region', { name: 'Notifications' }));
  const days = await rules.findByRole('textbox', { name: 'Days' });
  expect(rules.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true);
  await user.clear(days);
  await user.click(rules.getByRole('button', { name: 'Save' }));
  expect((await rules.findByRole('alert')).textContent).toBe('Enter a number from 1 to 3650.');
  await user.type(days, '90');
  await user.click(rules.getByRole('checkbox', { name: 'A tunnel drops' }));
  await user.click(rules.getByRole('button', { name: 'Save' }));
  expect(
    calls.filter((call) => call.procedure === 'notifications.setRules').map((call) => call.input),
  ).toEqual([{ rules: { ...defaultNotificationRules, keyDays: 90, flapsPerHour: null } }]);
  const probing = within(screen.getByRole('region', { name: 'Tunnel tests' }));
  await user.click(await probing.findByRole('checkbox', { name: /Test every tunnel automatically/u }));
  await user.click(probing.getByRole('button', { name: 'Save' }));
  expect((await probing.findByRole('alert')).textContent).toContain('NOT_PERMITTED');
});

/**
 * The settings page of a console whose rules change, by this page or by `saveElsewhere`, which acts as another page.
 */
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
  const inputsOf = (procedure: string) =>
    calls.filter((call) => call.procedure === procedure).map((call) => call.input);
  const card = within(await screen.findByRole('region', { name: 'Notifications' }));
  return {
    card,
    days: await card.findByRole<HTMLInputElement>('textbox', { name: 'Days' }),
    ageRule: card.getByRole('checkbox', { name: 'A key is older than' }),
    button: (name: string) => card.getByRole<HTMLButtonElement>('button', { name }),
    saved: () => inputsOf('notifications.setRules'),
    /** Resolves once the page has read the rules again. */
    saveElsewhere: async (part: Partial<NotificationRules>): Promise<void> => {
      rules = { ...rules, ...part };
      const before = inputsOf('notifications.rules').length;
      act(() => wake?.());
      await waitFor(() => expect(inputsOf('notifications.rules').length).toBeGreaterThan(before));
      await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    },
  };
}

test('when a rule is changed and then turned off, it is saved as off and keeps its number in the form', async () => {
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

test('when another admin saves, an unchanged form follows, and a changed form keeps what was typed', async () => {
  const user = userEvent.setup();
  const { card, days, ageRule, button, saveElsewhere } = await showRules();
  await saveElsewhere({ keyDays: 100 });
  expect(days.value).toBe('100');
  expect(button('Save').disabled).toBe(true);
  // Change the field, then change it back to the saved value.
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

test('when another admin saves one rule while another is typed, saving keeps both', async () => {
  const user = userEvent.setup();
  const { days, button, card, saveElsewhere, saved } = await showRules();
  await user.clear(days);
  await user.type(days, '90');
  await saveElsewhere({ flapsPerHour: null });
  expect(card.getByRole<HTMLInputElement>('checkbox', { name: 'A tunnel drops' }).checked).toBe(false);
  expect(days.value).toBe('90');
  await user.click(button('Save'));
  expect(await card.findByText('Saved.')).toBeDefined();
  expect(saved()).toEqual([{ rules: { ...defaultNotificationRules, keyDays: 90, flapsPerHour: null } }]);
  // After it was saved, a field follows changes of other pages again.
  await saveElsewhere({ keyDays: 30 });
  expect(days.value).toBe('30');
});

test('when the user is not an admin, the rules are shown disabled', async () => {
  location.hash = '#/settings';
  const { connection } = createFakeConsole({
    'system.about': () => sampleAbout({ role: 'operator' }),
    'notifications.rules': () => ({ rules: defaultNotificationRules }),
    'ports.probing': () => ({ probing: defaultProbing }),
  });
  render(<App connection={connection} />);
  connection.start();
  const rules = within(await screen.findByRole('region', { name: 'Notifications' }));
  expect(await rules.findByText('Only an admin may change this.')).toBeDefined();
  expect(rules.getByRole('textbox', { name: 'Days' }).matches(':disabled')).toBe(true);
});

test('when the sender of messages is set, both its lines are saved without surrounding space', async () => {
  const user = userEvent.setup();
  location.hash = '#/settings';
  const { connection, calls } = createFakeConsole({
    'notifications.rules': () => ({ rules: defaultNotificationRules }),
    'ports.probing': () => ({ probing: defaultProbing }),
    'tenants.setCustomerSender': () => ({}),
  });
  render(<App connection={connection} />);
  connection.start();
  const card = within(await screen.findByRole('region', { name: 'Messages to customers' }));
  await user.type(await card.findByRole('textbox', { name: 'Sender' }), 'Fern Operations ');
  await user.type(card.getByRole('textbox', { name: 'Signature' }), 'Fern Ltd{Enter}+49 30 1');
  await user.click(card.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(
      calls.flatMap(({ procedure, input }) => (procedure === 'tenants.setCustomerSender' ? [input] : [])),
    ).toEqual([{ sender: { name: 'Fern Operations', signature: 'Fern Ltd\n+49 30 1' } }]),
  );
});

test('when a text setting has hidden characters or is too long, it is rejected with a message', () => {
  const shown = writeSettings(customerSenderSchema, { name: '', signature: '' });
  expect(readSettings(customerSenderSchema, { ...shown, ...typed('name', 'a\u202Eb') })).toEqual({
    problems: { name: 'Enter at most 200 characters. Invisible characters are not allowed.' },
  });
  expect(readSettings(customerSenderSchema, { ...shown, ...typed('signature', 's'.repeat(1001)) })).toEqual({
    problems: { signature: 'Enter at most 1000 characters. Invisible characters are not allowed.' },
  });
});

const isDisabled = (element: HTMLElement) => element.matches(':disabled');

test('when settings are locked, they are disabled with the word, the value and the path of the file', async () => {
  location.hash = '#/settings';
  const { connection } = createFakeConsole({
    'notifications.rules': () => ({ rules: { ...defaultNotificationRules, quotaPercent: 60 } }),
    'ports.probing': () => ({ probing: defaultProbing }),
    'tenants.customerSender': () => ({ sender: { name: 'Fern', signature: '' } }),
    'system.policy': () =>
      samplePolicy({
        state: 'valid',
        connectedWindow: 'forbidden',
        locks: [
          { group: 'notifications', field: 'quotaPercent', value: 60, shown: '60 % of its ports' },
          { group: 'notifications', field: 'quietHours', value: null, shown: 'off' },
          { group: 'tunnelTests', field: 'enabled', value: true, shown: 'on' },
          { group: 'customerMessages', field: 'name', value: 'Fern', shown: 'Fern' },
        ],
      }),
  });
  render(<App connection={connection} />);
  connection.start();
  const rules = within(await screen.findByRole('region', { name: 'Notifications' }));
  expect(await rules.findByText(/2 settings are locked by/u)).toBeDefined();
  expect(rules.getByText('/etc/sallyport/policy.yaml')).toBeDefined();
  const days = rules.getByRole<HTMLInputElement>('textbox', { name: 'Percent of its ports' });
  expect([days.value, isDisabled(days)]).toEqual(['60', true]);
  expect(isDisabled(rules.getByRole('checkbox', { name: 'A tenant uses' }))).toBe(true);
  expect(isDisabled(rules.getByRole('checkbox', { name: /Quiet hours/u }))).toBe(true);
  expect(rules.getAllByText('locked').map((word) => word.title)).toEqual([
    'Locked to: 60 % of its ports',
    'Locked to: off',
  ]);
  expect(isDisabled(rules.getByRole('textbox', { name: 'Days' }))).toBe(false);

  const probing = within(screen.getByRole('region', { name: 'Tunnel tests' }));
  expect(isDisabled(await probing.findByRole('checkbox', { name: /Test every tunnel/u }))).toBe(true);
  expect(isDisabled(probing.getByRole('textbox', { name: 'Minutes between tests' }))).toBe(false);
  const sender = within(screen.getByRole('region', { name: 'Messages to customers' }));
  expect(isDisabled(await sender.findByRole('textbox', { name: 'Sender' }))).toBe(true);
  expect(isDisabled(sender.getByRole('textbox', { name: 'Signature' }))).toBe(false);

  const policy = within(screen.getByRole('region', { name: 'Managed policy' }));
  expect(policy.getByText('forbidden')).toBeDefined();
  const list = within(policy.getByRole('list', { name: 'Locked settings' }));
  expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'settings.notifications.quotaPercent: 60 % of its ports',
    'settings.notifications.quietHours: off',
    'settings.tunnelTests.enabled: on',
    'settings.customerMessages.name: Fern',
  ]);
});

test('when the policy file has errors, the settings page names path, line and key', async () => {
  location.hash = '#/settings';
  const { connection } = createFakeConsole({
    'notifications.rules': () => ({ rules: defaultNotificationRules }),
    'ports.probing': () => ({ probing: defaultProbing }),
    'system.policy': () =>
      samplePolicy({
        state: 'faulty',
        connectedWindow: 'forbidden',
        problems: [{ line: 3, key: 'settings.x', message: 'is unknown' }],
        warnings: ['/etc/sallyport/policy.yaml has mode 0666: others than root can change the policy.'],
      }),
  });
  render(<App connection={connection} />);
  connection.start();
  const policy = within(await screen.findByRole('region', { name: 'Managed policy' }));
  expect(policy.getByText('/etc/sallyport/policy.yaml, line 3: settings.x is unknown')).toBeDefined();
  const notice = (await screen.findByRole('link', { name: 'Show the policy' })).closest('[role="alert"]');
  expect(notice?.textContent).toContain('/etc/sallyport/policy.yaml, line 3: settings.x is unknown');
  expect(notice?.textContent).toContain('The connected window is forbidden until it is corrected');
  expect(policy.getByText(/has mode 0666/u)).toBeDefined();
  expect(policy.getByRole('alert').textContent).toContain('The connected window is forbidden');
});
