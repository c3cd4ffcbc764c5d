import { expect, test } from 'vitest';
import fc from 'fast-check';
import { maxPolicyBytes, parsePolicy } from './parsePolicy.ts';

const complete = `# Managed by the desktop team
connectedWindow: forbidden
settings:
  tunnelTests:
    enabled: false
    everyMinutes: 15
  notifications:
    keyDays: null
    quietHours: { from: "22:00", to: "06:00" }
  customerMessages:
    name: Fern Operations
  licenceReminders:
    administratorDays: 60, 30, 7
`;

test('when a policy is valid, it has each lock with its value for people', () => {
  const { connectedWindow, locks, problems } = parsePolicy(complete);
  expect(problems).toEqual([]);
  expect(connectedWindow).toBe('forbidden');
  expect(locks.map(({ group, field, value, shown }) => [group, field, value, shown])).toEqual([
    ['notifications', 'keyDays', null, 'off'],
    ['notifications', 'quietHours', { from: '22:00', to: '06:00' }, '22:00 to 06:00'],
    ['tunnelTests', 'enabled', false, 'off'],
    ['tunnelTests', 'everyMinutes', 15, '15 minutes'],
    ['customerMessages', 'name', 'Fern Operations', 'Fern Operations'],
    ['licenceReminders', 'administratorDays', '60, 30, 7', '60, 30, 7'],
  ]);
});

test.each([
  ['{}', 'allowed'],
  ['connectedWindow: allowed\n', 'allowed'],
  ['\ufeffconnectedWindow: forbidden\r\n', 'forbidden'],
  ['settings:\n  tunnelTests:\n    atOnce: 2\n', 'allowed'],
])('when the policy is %j, the connected window is %s', (text, connectedWindow) => {
  expect(parsePolicy(text)).toMatchObject({ connectedWindow, problems: [] });
});

const lock = 'settings:\n  tunnelTests:\n    atOnce: 2\n';

test.each([
  [
    'an unknown key',
    `${lock}conectedWindow: allowed\n`,
    4,
    'conectedWindow',
    'did you mean connectedWindow?',
  ],
  ['an unknown group', `${lock}  probing:\n    atOnce: 1\n`, 4, 'settings.probing', 'is unknown'],
  ['an unknown setting', `${lock}    every: 5\n`, 4, 'settings.tunnelTests.every', 'is unknown'],
  [
    'a number out of range',
    `${lock}    everyMinutes: 0\n`,
    4,
    'settings.tunnelTests.everyMinutes',
    'must be a number from 1 to 1440',
  ],
  ['a text as a number', `${lock}    everyMinutes: "5"\n`, 4, 'settings.tunnelTests.everyMinutes', 'must be'],
  ['an empty value', `${lock}    everyMinutes:\n`, 4, 'settings.tunnelTests.everyMinutes', 'must be'],
  ['a word as a switch', `${lock}    enabled: no\n`, 4, 'settings.tunnelTests.enabled', 'true or false'],
  [
    'a wrong time',
    `${lock}  notifications:\n    quietHours:\n      from: "22:00"\n      to: "26:00"\n`,
    5,
    'settings.notifications.quietHours',
    'must be two times',
  ],
  [
    'hidden characters',
    `${lock}  customerMessages:\n    name: "a\\u202eb"\n`,
    5,
    'settings.customerMessages.name',
    'without invisible characters',
  ],
  ['another right', `${lock}connectedWindow: never\n`, 4, 'connectedWindow', 'must be allowed or forbidden'],
  [
    'a list as a group',
    `${lock}  notifications: [1]\n`,
    4,
    'settings.notifications',
    'must be a map of keys',
  ],
  [
    'one key twice',
    `${lock}  notifications:\n    keyDays: 1\n    keyDays: 2\n`,
    6,
    'settings.notifications.keyDays',
    'is there twice',
  ],
])(
  'when the policy has %s, names line and key, forbids the window and keeps the valid lock',
  (_what, text, line, key, message) => {
    const parsed = parsePolicy(text);
    expect(parsed.problems).toEqual([{ line, key, message: expect.stringContaining(message) }]);
    expect(parsed.connectedWindow).toBe('forbidden');
    expect(parsed.locks).toEqual([{ group: 'tunnelTests', field: 'atOnce', value: 2, shown: '2 at once' }]);
  },
);

test.each([
  ['nothing', '', null, 'must be a map of keys'],
  ['a list', '- connectedWindow\n', null, 'must be a map of keys'],
  ['no YAML', 'connectedWindow: forbidden\nsettings: [\n', 3, 'is not valid YAML'],
  ['bytes that are not UTF-8', 'a: \ufffd\n', null, 'line 1 is not UTF-8'],
  ['too much text', `#${'x'.repeat(maxPolicyBytes)}\n`, null, 'is larger than'],
  ['deep nesting', `a: ${'['.repeat(10_000)}`, null, 'is nested too deep'],
])('when the policy is %s, forbids the window and has no locks', (_what, text, line, message) => {
  const { problems, locks, connectedWindow } = parsePolicy(text);
  expect({ problems, locks, connectedWindow }).toEqual({
    problems: [{ line, key: '', message: expect.stringContaining(message) }],
    locks: [],
    connectedWindow: 'forbidden',
  });
});

test('when a policy has aliases, they are not expanded', () => {
  const levels = Array.from({ length: 20 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`);
  const parsed = parsePolicy(`a0: &a0 x\n${levels.join('\n')}\n`);
  expect(parsed).toMatchObject({ connectedWindow: 'forbidden', locks: [] });
  expect(parsed.problems.length).toBeLessThanOrEqual(20);
});

test('when a policy is damaged, it is read without an exception, and a problem forbids the window', () => {
  fc.assert(
    fc.property(
      fc.nat(complete.length - 1),
      fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }),
      (at, inserted) => {
        const text = complete.slice(0, at) + inserted + complete.slice(at);
        const { problems, connectedWindow } = parsePolicy(text.replace('forbidden', 'allowed'));
        expect(problems.length === 0 || connectedWindow === 'forbidden').toBe(true);
      },
    ),
  );
});

const lead = (...fields: string[]) => `settings:\n  licenceLeadTimes:\n    ${fields.join('\n    ')}\n`;

test.each([
  [['quoteDays: 10', 'orderDays: 21'], 'quoteDays', ['orderDays']],
  [['applyDays: 30', 'orderDays: 3', 'quoteDays: 40'], 'orderDays', ['quoteDays', 'applyDays']],
  [['carryDays: 1', 'applyDays: 2'], 'carryDays', ['applyDays']],
])(
  'when a policy locks dates in an order that can’t be (%j), it names the key and keeps the others',
  (fields, key, kept) => {
    const { problems, locks, connectedWindow } = parsePolicy(lead(...fields));
    expect(problems.map((problem) => problem.key)).toEqual([`settings.licenceLeadTimes.${key}`]);
    expect(problems[0]?.message).toMatch(/^must be at least \d+, because/u);
    expect(locks.map(({ field }) => field)).toEqual(kept);
    expect(connectedWindow).toBe('forbidden');
  },
);

test('when a policy locks one lead time, the others are free', () => {
  expect(parsePolicy(lead('quoteDays: 3'))).toMatchObject({ problems: [], locks: [{ field: 'quoteDays' }] });
});
