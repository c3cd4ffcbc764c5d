import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSyslogLine } from '../syslogParse.ts';
import { createTenantJoin } from './tenantJoin.ts';

const key = (letter: string) => `SHA256:${letter.repeat(43)}`;
const known = [
  { clientId: 'northwind', ports: [{ first: 2200, last: 2239 }], fingerprints: [key('n')] },
  { clientId: 'umbrella', ports: [{ first: 2240, last: 2259 }], fingerprints: [key('u')] },
  { clientId: 'session', ports: [{ first: 2260, last: 2260 }], fingerprints: [] },
];
const parse = (text: string) =>
  parseSyslogLine(`2026-11-20T03:09:55Z kiln-01 ${text}`, { receivedAt: Date.parse('2026-11-20T04:00:00Z') });

/** Each line with its tenants, reason and ports. */
function join(...lines: string[]): string[] {
  const { add } = createTenantJoin(known);
  return lines.map((line) => {
    const { tenants, ports, reason } = add(parse(line));
    return [tenants.join('+') || '-', reason ?? '-', ...ports].join(' ');
  });
}

const accepted = (pid: number, letter: string, peer = '10.4.0.7 port 52144') =>
  `sshd[${pid}]: Accepted publickey for connect from ${peer} ssh2: ED25519 ${key(letter)}`;

describe('when sshd logs a session', () => {
  test('its lines are joined by key, process, connection and port', () => {
    expect(
      join(
        'sshd[8812]: Connection from 10.4.0.7 port 52144 on 10.0.0.1 port 22 rdomain ""',
        accepted(8812, 'n'),
        'sshd[8812]: pam_unix(sshd:session): session opened for user connect(uid=997) by connect(uid=0)',
        'sshd[8812]: User child is on pid 8815',
        'sshd[8815]: error: bind [127.0.0.1]:2204: Address already in use',
        'sshd[8815]: Local forwarding listening on 127.0.0.1 port 2205.',
        'sshd[8820]: Timeout, client not responding from user connect 10.4.0.7 port 52144',
        'sshd[8820]: error: no more sessions',
        'sshd[9999]: error: bind [127.0.0.1]:2241: Address already in use',
        'sshd[9999]: pam_unix(sshd:session): session closed for user connect',
      ),
    ).toEqual([
      '- -',
      'northwind key',
      'northwind process',
      'northwind process',
      'northwind process 2204',
      'northwind process 2205',
      'northwind connection',
      'northwind process',
      'umbrella port 2241',
      '- -',
    ]);
  });

  test('the lines that OpenSSH 9.2 wrote at LogLevel VERBOSE are joined', () => {
    const peer = '127.0.0.1 port 60346';
    expect(
      join(
        `sshd[1]: Connection from ${peer} on 127.0.0.1 port 22999 rdomain ""`,
        `sshd[1]: Accepted key ED25519 ${key('n')} found at /tmp/ak:1`,
        `sshd[1]: Postponed publickey for games from ${peer} ssh2 [preauth]`,
        `sshd[1]: Accepted publickey for games from ${peer} ssh2: ED25519 ${key('n')}`,
        'sshd[1]: User child is on pid 10153',
        'sshd[10153]: error: bind [127.0.0.1]:2204: Address already in use',
        'sshd[10153]: error: channel_setup_fwd_listener_tcpip: cannot listen to port: 2204',
        `sshd[10153]: Received request from ${peer} to remote forward to host 127.0.0.1 port 2300, but the request was denied.`,
        `sshd[10153]: Received disconnect from ${peer}:11: disconnected by user`,
        `sshd[10153]: Disconnected from user games ${peer}`,
      ),
    ).toEqual([
      '- -',
      'northwind key',
      'northwind connection',
      'northwind key',
      'northwind process',
      'northwind process 2204',
      'northwind process 2204',
      'northwind connection 2300',
      'northwind connection',
      'northwind connection',
    ]);
  });

  test('a number that another connection uses again means that connection', () => {
    expect(
      join(
        accepted(7, 'n'),
        accepted(7, 'u', '10.4.0.8 port 40000'),
        'sshd[7]: Disconnected from user connect 10.4.0.8 port 40000',
        accepted(9, 'x', '10.4.0.7 port 52144'),
        'sshd[9]: Received disconnect from 10.4.0.7 port 52144:11: disconnected by user',
        'sshd[7]: Connection from 10.9.9.9 port 1000 on 10.0.0.1 port 22',
        'sshd[7]: Connection closed by 10.9.9.9 port 1000 [preauth]',
      ),
    ).toEqual(['northwind key', 'umbrella key', 'umbrella connection', '- -', '- -', '- -', '- -']);
  });

  test('after a start of the machine, old processes mean nothing', () => {
    expect(
      join(
        accepted(7, 'n'),
        'kernel: [    0.000000] Linux version 6.1.0-18-amd64',
        'sshd[7]: fatal: Timeout',
      ),
    ).toEqual(['northwind key', '- -', '- -']);
  });

  test('refused logins of a known key belong to its tenant', () => {
    expect(
      join(
        `sshd[5]: Failed publickey for connect from 203.0.113.9 port 5000 ssh2: ED25519 ${key('u')}`,
        'sshd[5]: Failed none for connect from 203.0.113.9 port 5000 ssh2',
        'sshd[5]: Connection closed by authenticating user connect 203.0.113.9 port 5000 [preauth]',
        'sshd[5]: Invalid user x from 203.0.113.9 port 6000',
        'sshd[5]: fatal: x',
      ),
    ).toEqual(['umbrella key', 'umbrella connection', 'umbrella connection', '- -', '- -']);
  });
});

test.each([
  [
    'sallyport[9]: forward opened: tenant northwind, port 2204, to smb://nas:445 (g/r)',
    'northwind name 2204',
  ],
  ['sallyport[9]: tenant gone: login refused: it has 4 live sessions', 'gone name'],
  ['registrar[812]: northwind: 2204 registered, docs/cmis cmis+https://cmis', 'northwind name 2204'],
  ['registrar[812]: northwind: docs/cmis wants 2204, held by sshd 2307', 'northwind name 2204'],
  [
    'ke_manage_remote_networks: changed umbrella (change 40 umbrella) by ubuntu: ports 2240–2259',
    'umbrella name 2240 2259',
  ],
  ['nginx: 10.9.1.3 "GET /v1/accounts/88/storage" 502, upstream northwind', 'northwind name'],
  ['ke_api[812]: northwind/cmis 127.0.0.1:2204 cmis: error: no answer in 30 s', 'northwind name 2204'],
  ['ke_api[812]: umbrella and northwind.', 'umbrella+northwind name'],
  ['sallyport[9]: tenant session: login refused: x', 'session name'],
  ['sshd[5]: pam_unix(sshd:session): session opened for user ubuntu', '- -'],
  ['app: tenant=northwind port=2204 destination=smb://files', 'northwind name 2204'],
  ['app: session 12 opened', '- -'],
  ['app: Northwind northwind-2 northwind.example.com xnorthwind', '- -'],
  ['app: took 2204 ms, item 2204', '- -'],
  ['sshd[5]: Accepted publickey for ubuntu from 10.0.0.9 port 2204 ssh2: ED25519 SHA256:short', '- -'],
  [
    'sshd[5]: Received request from 10.0.0.9 port 3000 to remote forward to host 127.0.0.1 port 2204, but the request was denied.',
    'northwind port 2204',
  ],
  ['sshd[5]: connect_to 127.0.0.1 port 2241: failed.', 'umbrella port 2241'],
  ['app: listens on port 8080 and 10.0.0.9:2204', '- -'],
  ['app: port 5100 of another', '- - 5100'],
])('when the line is %s, it is of %s', (line, expected) => {
  expect(join(line)).toEqual([expected]);
});

test('when the kit says who opened a port, its later lines belong to that tenant', () => {
  const bind = 'sshd[3]: error: bind [127.0.0.1]:2204: Address already in use';
  expect(join(bind, 'sallyport[9]: forward opened: tenant old, port 2204, to smb://nas:445', bind)).toEqual([
    'northwind port 2204',
    'old name 2204',
    'old port 2204',
  ]);
});

test('when it goes on after a restart, it knows what it learned', () => {
  const first = createTenantJoin(known);
  first.add(parse(accepted(7, 'n')));
  const second = createTenantJoin(known, structuredClone(first.state()));
  expect(second.add(parse('sshd[7]: fatal: x')).tenants).toEqual(['northwind']);
  second.setTenants([]);
  expect(second.add(parse('sshd[7]: error: bind [127.0.0.1]:2204: x')).tenants).toEqual(['northwind']);
});

test('when there are many connections, memory is bounded and the newest are known', () => {
  const { add, state } = createTenantJoin(known);
  for (let pid = 1; pid <= 10_000; pid += 1) add(parse(accepted(pid, 'n', `10.4.0.7 port ${pid}`)));
  expect(state().processes).toHaveLength(4096);
  expect(state().connections).toHaveLength(4096);
  expect(add(parse('sshd[10000]: x')).tenants).toEqual(['northwind']);
});

test('when lines are random, only known tenants and facts of the kit are named', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'northwind',
      'umbrella',
      ' ',
      'from ',
      ' port ',
      '2204',
      '10.0.0.7',
      key('n'),
      '[',
      ']:',
      '127.0.0.1:',
      'tenant ',
    ),
    fc.array(fc.nat(0xffff), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  );
  const message = fc.array(part, { maxLength: 20 }).map((parts) => parts.join(''));
  const { add } = createTenantJoin(known);
  fc.assert(
    fc.property(message, fc.constantFrom('sshd', 'app', 'kernel'), fc.nat(5), (text, program, pid) => {
      const { tenants, ports, reason } = add({ program, pid, message: text });
      expect(known.map(({ clientId }) => clientId)).toEqual(expect.arrayContaining(tenants));
      expect(reason === null).toBe(tenants.length === 0);
      expect(ports.every((port) => port >= 2200 && port <= 5199)).toBe(true);
    }),
  );
});

test.each(['from 1.1.1.1 port ', 'northwind ', '127.0.0.1:2204 ', 'SHA256:', 'a', 'by user ', '::'])(
  'when a line is long and made of %s, its time is in step with its length',
  (part) => {
    const { add } = createTenantJoin(known);
    const before = process.cpuUsage().user;
    add({ program: 'sshd', pid: 1, message: part.repeat(65_536 / part.length) });
    add({ program: 'sallyport', pid: 1, message: part.repeat(65_536 / part.length) });
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  },
);
