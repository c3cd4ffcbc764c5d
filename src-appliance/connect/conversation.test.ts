import { PassThrough, Duplex } from 'node:stream';
import { once } from 'node:events';
import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { encodeMessage, type ServerMessage } from '../core/sessions/registrarProtocol.ts';
import { openConversation } from './conversation.ts';
import { createDialReports } from './dialReports.ts';
import { createForwards } from './forwards.ts';
import { createHealthRecord } from './health.ts';
import { createRemoteListeners } from './remoteListeners.ts';

const ignore = () => undefined;

/** Whether Connect reports a failed connection after the appliance has sent these messages. */
async function isReported(messages: readonly ServerMessage[]): Promise<boolean> {
  const received = new PassThrough();
  const sent = new PassThrough();
  const channel = Duplex.from({ readable: received, writable: sent });
  const health = createHealthRecord();
  const client = new ssh2.Client();
  const listeners = createRemoteListeners({ client, log: ignore, health });
  const forwards = createForwards({
    repositories: [],
    remembered: [],
    log: ignore,
    health,
    listeners,
    upstreams: { closeOthers: ignore },
    send: ignore,
    onGrown: ignore,
  });
  let count = 0;
  const reports = createDialReports({ send: () => (count += 1), isBlocked: () => false });
  const conversation = openConversation({
    channel,
    forwards,
    listeners,
    reports,
    log: ignore,
    health,
    finish: ignore,
  });
  received.end(messages.map(encodeMessage).join(''));
  await once(channel, 'end');
  reports.report(2200, { reason: 'refused', message: 'connect ECONNREFUSED' });
  conversation.close();
  reports.close();
  channel.destroy();
  return count > 0;
}

const ports = [{ first: 2200, last: 2209 }];
const accepts = ['dial-failures'];
const welcome: ServerMessage = {
  type: 'welcome',
  protocol: 1,
  clientId: 'acme',
  ports,
  heartbeatSeconds: 5,
  applianceVersion: '1.0.0',
};
const malformed: ServerMessage = { type: 'refused', code: 'MALFORMED', message: 'not a message' };

it.each([
  ['an older appliance says welcome', [welcome], false],
  ['an appliance says welcome that accepts reports', [{ ...welcome, accepts }], true],
  [
    'it changes the ports',
    [
      { ...welcome, accepts },
      { type: 'ports' as const, ports, accepts },
    ],
    true,
  ],
  [
    'an older kit takes over',
    [
      { ...welcome, accepts },
      { type: 'ports' as const, ports },
    ],
    false,
  ],
  ['a later kit takes over from an older one', [welcome, { type: 'ports' as const, ports, accepts }], true],
  ['a kit accepts something else', [{ ...welcome, accepts: ['songs'] }], false],
  ['an older kit has refused a message', [{ ...welcome, accepts }, malformed], false],
])('when %s, knows whether to report failed connections', async (_, messages, expected) => {
  expect(await isReported(messages)).toBe(expected);
});
