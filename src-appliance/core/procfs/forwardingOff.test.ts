import { expect, test } from 'vitest';
import { findForbiddingSetting } from './forwardingOff.ts';

const settings = (changes: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    disableforwarding: 'no',
    allowtcpforwarding: 'remote',
    permitlisten: 'any',
    allowagentforwarding: 'no',
    ...changes,
  })
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');

test.each([
  [{}, null],
  [{ allowtcpforwarding: 'yes' }, null],
  [{ permitlisten: '127.0.0.1:2200' }, null],
  [{ disableforwarding: 'yes' }, 'DisableForwarding is yes'],
  [{ allowtcpforwarding: 'no' }, 'AllowTcpForwarding is no'],
  [{ allowtcpforwarding: 'local' }, 'AllowTcpForwarding is local'],
  [{ permitlisten: 'none' }, 'PermitListen is none'],
])('when sshd’s settings differ by %j, the setting that permits no forward is %s', (changes, expected) => {
  expect(findForbiddingSetting(settings(changes))).toBe(expected);
});
