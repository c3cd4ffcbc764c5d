import { expect, test } from 'vitest';
import { applianceStatusSchema } from '../../../../src-shared/model/appliance/applianceStatus.ts';
import { lastRowsFinding, servicesFinding, statusFindings } from './applianceChecks.ts';

const sshd = { name: 'sshd', state: 'stopped', detail: null } as const;
const service = { name: 'sallyport', state: 'stopped', detail: 'tenants cannot log in' } as const;
const other = { name: 'nginx', state: 'stopped', detail: null } as const;

test.each([
  ['a daemon', [sshd], 'sshd is not running', 'Run on the appliance as root: service ssh start.'],
  [
    'several daemons',
    [{ ...sshd, name: 'rsyslogd' }, service],
    'rsyslogd is not running; sallyport is not running: tenants cannot log in',
    'Run on the appliance as root: service rsyslog start; service sallyport start.',
  ],
  ['another', [other], 'nginx is not running', 'Run on the appliance as root: service nginx start.'],
] as const)('when the status lists %s as stopped, the advice starts it', (_, items, evidence, advice) => {
  expect(servicesFinding({ services: [...items] })).toEqual({ state: 'bad', evidence, advice });
});

test.each(['x; reboot', '-f', '', 'a b', '$(reboot)', 'x\ny'])(
  'when the appliance calls a stopped service %j, no command has that name in it',
  (name) => {
    const stopped = { name, state: 'stopped', detail: null } as const;
    expect(servicesFinding({ services: [sshd, stopped] })).toMatchObject({
      advice: 'Start them on the appliance.',
    });
  },
);

test('when findings have the names of checks, lists both', () => {
  const names = ['clock', 'versions', 'ke_status', 'clock'];
  const status = applianceStatusSchema.parse({
    ...printed,
    services: [running],
    findings: names.map((name) => ({ name, detail: 'odd' })),
  });
  const findings = statusFindings(status, printed.clock.now);
  expect(findings['clock']?.state).toBe('ok');
  expect(Object.values(findings).filter(({ evidence }) => evidence === 'odd')).toHaveLength(4);
});

const at = '2026-11-20T09:00:00.000Z';
const line = { kind: 'line', message: 'started', time: at, receivedAt: at } as const;
const gap = {
  ...line,
  kind: 'gap',
  message: 'New lines are shown, but not kept: another program keeps them.',
} as const;

test.each([
  ['a line', [line], 'ok', `Last line: ${at}`],
  ['a line without a time', [{ ...line, time: null }], 'ok', `Last line: ${at}`],
  ['a gap after the line', [line, gap], 'ok', `Last line: ${at}. ${gap.message}`],
  ['only a gap', [gap], 'not checked', gap.message],
  ['nothing', [], 'not checked', 'The log is empty.'],
] as const)(
  'when the log can be read and ends with %s, says so and is not bad',
  (_, rows, state, evidence) => {
    expect(lastRowsFinding(rows)).toMatchObject({ state, evidence });
  },
);

test('when the state of a service is unknown, warns', () => {
  const services = [
    { name: 'sshd', state: 'running', detail: 'pid 1' } as const,
    { name: 'sallyport', state: 'unknown', detail: 'pid 2 has not answered' } as const,
  ];
  expect(servicesFinding({ services })).toMatchObject({
    state: 'warn',
    advice: 'State unknown. Check it on the appliance.',
  });
});

const printed = {
  contract: 1,
  identity: { id: '6b8d9a4e-7c1f-4a62-9d3b-5e0f1c2a3b4c', hostname: 'kiln' },
  versions: { appliance: '1.0.0', kit: '1.0.0', sshd: null, os: null },
  clock: { now: '2026-11-20T09:00:00.000Z', ranBackFrom: null },
  uptimeSeconds: 1,
  disks: [],
  logs: { syslog: '/var/log/syslog' },
};
const running = { name: 'sshd', state: 'running', detail: null };

test.each([
  [
    'of this kit',
    { services: [running], findings: [{ name: 'licence clock', detail: 'clock.json is damaged' }] },
  ],
  [
    'of an older kit, as a stopped service',
    { services: [running, { name: 'licence clock', state: 'stopped', detail: 'clock.json is damaged' }] },
  ],
])('when the status has a finding %s, lists it as its own check and not as a service', (_kit, parts) => {
  const status = applianceStatusSchema.parse({ ...printed, ...parts });
  expect(status).toMatchObject({
    services: [running],
    findings: [{ name: 'licence clock', detail: 'clock.json is damaged' }],
  });
  expect(applianceStatusSchema.parse(status)).toEqual(status);
  expect(statusFindings(status, printed.clock.now)).toMatchObject({
    services: { state: 'ok', evidence: 'sshd running' },
    'finding 1: licence clock': {
      state: 'bad',
      evidence: 'clock.json is damaged',
      advice: 'Fix this on the appliance.',
    },
  });
});
