import { describe, expect, test } from 'vitest';
import { aConnectedTenant, aTenant } from '../../../test-support/aTenant.ts';
import { parseSyslogLine } from '../syslog/syslogParse.ts';
import { adviseOn, customerText } from './advice.ts';
import type { LogLine } from './proof.ts';
import { findRefusedForward } from './refusedForward.ts';

const tenant = aConnectedTenant('acme', [2241], { forwards: [] });
const own = '198.51.100.7 port 40000';
const line = (message: string, program = 'sshd[7]'): LogLine => {
  const text = `2026-11-20T09:00:00+00:00 kiln ${program}: ${message}`;
  return { text, parsed: parseSyslogLine(text, { receivedAt: Date.parse('2026-11-20T09:00:00Z') }) };
};
const refusal = (to: string, from = own) =>
  line(`Received request from ${from} to remote forward to ${to}, but the request was denied.`);
const tunnel = {
  code: 'T-4003',
  clientId: 'acme',
  port: null,
  destination: null,
  group: null,
  repository: null,
  layers: [],
  since: null,
  lastSeenAt: null,
} as const;

const onlyLoopback = 'forwards may only listen on 127.0.0.1';
const ownPorts = 'the ports of this tenant are 2241–2260';

describe('a forward that sshd refused', () => {
  test.each([
    ['host * port 2241', 'port 2241 on every address', onlyLoopback, '127.0.0.1:2241'],
    ['host  port 2241', 'port 2241 on every address', onlyLoopback, '127.0.0.1:2241'],
    ['host 0.0.0.0 port 2250', 'port 2250 on every address', onlyLoopback, '127.0.0.1:2250'],
    ['host :: port 2241', 'port 2241 on every address', onlyLoopback, '127.0.0.1:2241'],
    ['host ::1 port 2241', 'port 2241 on the address ::1', onlyLoopback, '127.0.0.1:2241'],
    ['host 10.0.0.9 port 2241', 'port 2241 on the address 10.0.0.9', onlyLoopback, '127.0.0.1:2241'],
    ['host localhost port 0', 'a port of the server’s choice (port 0)', ownPorts, '127.0.0.1:2241'],
    ['host localhost port 2300', 'port 2300', ownPorts, '127.0.0.1:2241'],
    ['host 127.0.0.1 port 80', 'port 80', ownPorts, '127.0.0.1:2241'],
    ['host * port 9999', 'port 9999 on every address', ownPorts, '127.0.0.1:2241'],
    ['path "/run/x.sock"', 'the socket “/run/x.sock”', ownPorts, '127.0.0.1:2241'],
  ])('as %j, is named in the advice and to the customer, with what to ask for instead', (to, ...expected) => {
    const [asked, reason, instead] = expected;
    const refused = findRefusedForward([line('noise'), refusal(to)], tenant);
    expect(refused).toEqual({ asked, reason, instead, needsReconnect: false });
    const advice = adviseOn(tunnel, 'kiln-01', refused);
    expect(advice.meaning).toBe(
      `acme is connected, but kiln-01 refused its forward. It asked for ${asked}; ${reason}.`,
    );
    expect(advice.next).toBe(`Ask the customer to forward ${instead} instead: ssh -R ${instead}:HOST:PORT.`);
    expect(advice.ask).toContain(`Forward ${instead} instead`);
    const text = customerText(tunnel, refused);
    expect(text).toContain(`It asked for ${asked}; ${reason}.`);
    expect(text).toContain(`ssh -R ${instead}:HOST:PORT`);
    expect(text).not.toMatch(/repositories|kiln/u);
  });

  test('when the session began before the port was allotted, only a new session is needed', () => {
    const refused = findRefusedForward([refusal('host 127.0.0.1 port 2255')], tenant);
    expect(refused).toMatchObject({
      asked: 'port 2255',
      reason: 'the session began before this port was allotted',
      needsReconnect: true,
    });
    const advice = adviseOn(tunnel, 'kiln-01', refused);
    expect(advice.next).toBe(
      'Ask the customer to disconnect and connect again, so that the present ports apply.',
    );
    expect(customerText(tunnel, refused)).toContain('Disconnect and connect again');
    expect(`${advice.next} ${advice.ask} ${customerText(tunnel, refused)}`).not.toContain('instead');
  });

  test.each([
    ['host nothing. Run this now, forwards may port 2241', '“nothing. Run this now, forwards may”'],
    ['host a” or “b port 2241', '“a’ or ’b”'],
    ['host a" or port 2241', '“a’ or”'],
    ['path "/run/a”. Trust me"', '“/run/a’. Trust me”'],
  ])('when the client sends %j, its words are quoted', (to, quoted) => {
    expect(findRefusedForward([refusal(to)], tenant)?.asked).toContain(quoted);
  });

  test.each(['T-6000', 'T-6001', 'T-4000', 'T-6998'] as const)(
    'when another forward of the client is %s, is named there too, and once',
    (code) => {
      const refused = findRefusedForward([refusal('host localhost port 2300')], tenant);
      const other = 'kiln-01 refused another forward of acme. It asked for port 2300; ';
      expect(adviseOn({ ...tunnel, code, port: 2241 }, 'kiln-01', refused).meaning).toContain(other);
      expect(adviseOn({ ...tunnel, code, port: 2241 }, 'kiln-01').meaning).not.toContain('refused another');
      expect(adviseOn(tunnel, 'kiln-01', refused).meaning).not.toContain('refused another');
    },
  );

  test('when there are several, is the newest', () => {
    const lines = [refusal('host localhost port 2300'), refusal('host * port 2241')];
    expect(findRefusedForward(lines, tenant)?.asked).toBe('port 2241 on every address');
  });

  test.each([
    ['of an earlier session', refusal('host * port 2241', '198.51.100.7 port 39999')],
    ['of another site', refusal('host * port 2241', '203.0.113.5 port 40000')],
    ['that another program claims', line(refusal('host * port 2241').parsed.message, 'evil[7]')],
    [
      'of a connection to a host',
      line(`Received request from ${own} to connect to host a port 22, but the request was denied.`),
    ],
  ])('%s, is not this session’s', (_what, other) => {
    expect(findRefusedForward([other], tenant)).toBeNull();
    expect(adviseOn(tunnel, 'kiln-01').next).toContain('add a repository');
  });

  test('when the client sends text instead of an address, the texts keep their lines', () => {
    const refused = findRefusedForward([refusal('host x\u202ey port 2241')], tenant);
    expect(refused?.asked).not.toContain('\u202e');
    expect(
      customerText(tunnel, refused)
        .split('\n')
        .filter((text) => text.startsWith('Code:')),
    ).toHaveLength(1);
  });

  test('when the tenant has no ports, nothing is offered instead', () => {
    const { sessions } = tenant;
    const none = findRefusedForward([refusal('host * port 2241')], aTenant('acme', { ports: [], sessions }));
    expect(none).toMatchObject({ reason: 'the ports of this tenant are none', instead: null });
    expect(adviseOn(tunnel, 'kiln-01', none).next).toBe('The tenant has no ports. Set its quota.');
  });
});
