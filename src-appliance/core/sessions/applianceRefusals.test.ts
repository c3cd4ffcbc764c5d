import { describe, expect, test } from 'vitest';
import { findApplianceRefusals } from './applianceRefusals.ts';

const now = Date.parse('2026-11-20T10:00:00Z');
type Logged = readonly [secondsAgo: number, message: string];
const lineOf = (secondsAgo: number, message: string) => ({
  at: now - secondsAgo * 1000,
  message,
  line: `Nov 20 10:00:00 quay sshd[812]: ${message}`,
  times: 1,
});
const find = (...lines: readonly Logged[]) =>
  findApplianceRefusals(
    lines.map(([secondsAgo, message]) => lineOf(secondsAgo, message)),
    { connectUser: 'connect', now },
  );
const reasonsOf = (...lines: readonly Logged[]) => find(...lines).map(({ reason }) => reason);

const accepted =
  'Accepted publickey for connect from 10.0.0.7 port 4711 ssh2: ED25519 SHA256:vJ1zD0H5ymr2YXWSIq8q9LvMElUeLTctdzr7tbW6Veg';
const notAllowed = 'User connect from 10.0.0.7 not allowed because not listed in AllowUsers';
const refusedByPam = 'fatal: Access denied for user connect by PAM account configuration [preauth]';
const lookUp = 'AuthorizedKeysCommand /opt/sallyport/sallyport-client lookup /run/x /dev/log';
const throttling = 'error: beginning MaxStartups throttling';
const maxStartups =
  'sshd drops new connections, because too many others have not logged in yet (MaxStartups)';

describe('a refusal by the appliance itself', () => {
  test.each([
    [notAllowed, 'sshd doesn’t let the user connect log in: not listed in AllowUsers'],
    [
      "User connect from 2001:db8::1 not allowed because none of user's groups are listed in AllowGroups",
      "sshd doesn’t let the user connect log in: none of user's groups are listed in AllowGroups",
    ],
    [
      'User connect not allowed because shell /bin/gone does not exist',
      'sshd doesn’t let the user connect log in: shell /bin/gone does not exist',
    ],
    [
      'pam_unix(sshd:account): account connect has expired (account expired)',
      'PAM refuses the user connect: account connect has expired (account expired)',
    ],
    [refusedByPam, 'PAM refuses the user connect'],
    [
      'error: Unsafe AuthorizedKeysCommand "/opt/sallyport/sallyport-client": bad ownership or modes for directory /opt',
      'sshd doesn’t run the key look-up /opt/sallyport/sallyport-client: bad ownership or modes for directory /opt',
    ],
    [
      'error: AuthorizedKeysCommandUser "sallyport" not found: No such file or directory',
      'sshd doesn’t run the key look-up: AuthorizedKeysCommandUser "sallyport" not found',
    ],
    [
      `${lookUp} ${'A'.repeat(3000)} failed, status 127`,
      'the key look-up /opt/sallyport/sallyport-client failed, status 127',
    ],
    [
      `error: ${lookUp} AAAA exited on signal 9`,
      'the key look-up /opt/sallyport/sallyport-client exited on signal 9',
    ],
    [
      'error: fork: Resource temporarily unavailable',
      'sshd can’t start a process: Resource temporarily unavailable',
    ],
    [throttling, maxStartups],
    ['error: in MaxStartups throttling for 00:05:00, 31 connections dropped', maxStartups],
    ['drop connection #2 from [10.0.0.7]:43717 on [10.0.0.1]:22 past MaxStartups', maxStartups],
  ])('when sshd logs “%.60s…”, is read with its reason', (message, reason) => {
    expect(reasonsOf([5, message])).toEqual([reason]);
  });

  test('when it is repeated, is listed once with its first and last time, newest reason first', () => {
    expect(find([50, notAllowed], [40, throttling], [10, notAllowed])).toEqual([
      {
        scope: 'everyone',
        reason: 'sshd doesn’t let the user connect log in: not listed in AllowUsers',
        count: 2,
        since: '2026-11-20T09:59:10.000Z',
        lastAt: '2026-11-20T09:59:50.000Z',
        line: lineOf(10, notAllowed).line,
      },
      expect.objectContaining({ scope: 'some', reason: maxStartups, count: 1 }),
    ]);
  });

  test.each([
    [
      'when a tenant has logged in since, is over',
      [
        [60, notAllowed],
        [30, accepted],
      ],
      [],
    ],
    [
      'when the login was before, counts',
      [
        [60, accepted],
        [30, notAllowed],
      ],
      [notAllowed],
    ],
    [
      'when connections are dropped, a login of another does not end it',
      [
        [60, throttling],
        [30, accepted],
      ],
      [throttling],
    ],
    [
      'when sshd drops no more, is over',
      [
        [60, throttling],
        [30, 'exited MaxStartups throttling after 00:00:30, 4 connections dropped'],
      ],
      [],
    ],
    ['when the last drop is seven minutes ago, is over', [[420, throttling]], []],
    ['when a failed look-up is eleven minutes ago, is over', [[660, `${lookUp} AAAA failed, status 1`]], []],
    ['when AllowUsers refused the last attempt half an hour ago, counts', [[1800, notAllowed]], [notAllowed]],
  ] as const)('%s', (_title, lines, expected) => {
    expect(find(...lines).map(({ line }) => line)).toEqual(
      expected.map((message) => expect.stringContaining(message)),
    );
  });

  test.each([
    'User ubuntu from 10.0.0.7 not allowed because not listed in AllowUsers',
    `Invalid user ${notAllowed} from 10.0.0.9 port 4`,
    `Failed publickey for invalid user ${throttling} from 10.0.0.9 port 4 ssh2: ED25519 SHA256:x`,
    'pam_unix(sshd:account): account ubuntu has expired (account expired)',
    'pam_unix(sshd:session): session opened for user connect(uid=995) by (uid=0)',
    'fatal: Access denied for user connection by PAM account configuration [preauth]'.replace(
      'connection',
      'ubuntu',
    ),
    'Connection closed by 10.0.0.7 port 43717',
    accepted,
  ])('is not read from “%.70s…”', (message) => {
    expect(find([5, message])).toEqual([]);
  });
});
