import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLocalTransport } from '../../test-support/localTransport.ts';
import { waitFor } from '../../test-support/waitFor.ts';
import { createHandshakes } from '../ssh/session/handshakes.ts';
import { createSession } from '../ssh/session/session.ts';
import { waitUntilSettled } from './settled.ts';

const timeoutMs = 50;
const { signal } = new AbortController();

async function startQueued(connect: () => void | Promise<void>) {
  const handshakes = createHandshakes();
  const releases: (() => void)[] = [];
  while (!handshakes.isFull()) releases.push(await handshakes.acquire());
  const transport = createLocalTransport({ connect });
  const session = createSession({
    transport,
    target: {
      host: 'appliance.test',
      port: 22,
      user: 'ubuntu',
      authentication: { agent: false, keyFile: null, password: true, keyboardInteractive: false },
    },
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes,
  });
  session.want();
  return { session, transport, makeRoom: () => releases.pop()?.() };
}

test('while the console makes other connections, says so and doesn’t count this time against the appliance', async () => {
  const { session, transport, makeRoom } = await startQueued(() => undefined);
  try {
    const settled = waitUntilSettled({ session, timeoutMs, waitsForSecrets: false, signal });
    await delay(timeoutMs * 3);
    expect(transport.attempts()).toBe(0);
    expect(session.state()).toMatchObject({ state: 'connecting', isQueued: true });
    makeRoom();
    expect(await settled).toMatchObject({ state: 'connected' });
  } finally {
    session.release();
  }
});

test('once its attempt has begun, an appliance that doesn’t answer has the time limit and no more', async () => {
  const { session, transport, makeRoom } = await startQueued(() => new Promise(() => undefined));
  try {
    const settled = waitUntilSettled({ session, timeoutMs, waitsForSecrets: false, signal });
    makeRoom();
    await waitFor('the attempt', () => transport.attempts() === 1);
    const state = await settled;
    expect(state).toMatchObject({ state: 'connecting' });
    expect(state).not.toHaveProperty('isQueued');
  } finally {
    session.release();
  }
});

test('when the link is given up while it waits, the waiting ends', async () => {
  const { session } = await startQueued(() => undefined);
  const settled = waitUntilSettled({ session, timeoutMs, waitsForSecrets: false, signal });
  session.release();
  expect(await settled).toMatchObject({ state: 'idle' });
});

test('when the console closes, waits no longer, whether its attempt has begun or not', async () => {
  const { session, makeRoom } = await startQueued(() => new Promise(() => undefined));
  const closing = new AbortController();
  const wait = () =>
    waitUntilSettled({ session, timeoutMs: 3_600_000, waitsForSecrets: true, signal: closing.signal });
  try {
    const queued = wait();
    makeRoom();
    await waitFor(
      'its attempt has begun',
      () => !('isQueued' in session.state()) || session.state().state !== 'connecting',
    );
    const begun = wait();
    closing.abort();
    for (const state of await Promise.all([queued, begun, wait()]))
      expect(state).toMatchObject({ state: 'connecting' });
  } finally {
    session.release();
  }
});
