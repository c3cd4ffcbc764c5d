import { expect, test } from 'vitest';
import { servicesFinding } from './applianceChecks.ts';

const sshd = { name: 'sshd', state: 'stopped', detail: null } as const;
const service = { name: 'sallyport', state: 'stopped', detail: 'tenants cannot log in' } as const;
const address = { name: 'cluster address', state: 'stopped', detail: '10.0.0.9 is not here' } as const;
const clock = { name: 'licence clock', state: 'stopped', detail: 'clock.json is damaged' } as const;

test.each([
  ['a daemon', [sshd], 'sshd is not running', 'Run there as root: service ssh start.'],
  [
    'several daemons',
    [{ ...sshd, name: 'rsyslogd' }, service],
    'rsyslogd is not running; sallyport is not running: tenants cannot log in',
    'Run there as root: service rsyslog start; service sallyport start.',
  ],
  [
    'an address and a clock',
    [clock, address],
    'licence clock: clock.json is damaged; cluster address: 10.0.0.9 is not here',
    'Correct there what the evidence names.',
  ],
  [
    'a daemon and an address',
    [sshd, address],
    'sshd is not running; cluster address: 10.0.0.9 is not here',
    'Run there as root: service ssh start. Correct there what the evidence names.',
  ],
] as const)(
  'when the status lists %s as stopped, only daemons are to be started',
  (_, items, evidence, advice) => {
    expect(servicesFinding({ services: [...items] })).toEqual({ state: 'bad', evidence, advice });
  },
);

test('when the state of a service is unknown, that is a warning', () => {
  const services = [
    { name: 'sshd', state: 'running', detail: 'pid 1' } as const,
    { name: 'sallyport', state: 'unknown', detail: 'pid 2 has not answered' } as const,
  ];
  expect(servicesFinding({ services })).toMatchObject({
    state: 'warn',
    advice: 'State unknown. Check it on the appliance.',
  });
});
