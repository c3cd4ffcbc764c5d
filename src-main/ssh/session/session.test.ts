import { afterEach, describe, expect, test } from 'vitest';
import { createLocalTransport } from '../../../test-support/localTransport.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../../src-shared/model/appliance/link.ts';
import type { Clock } from '../../../src-shared/base/clock.ts';
import { waitUntilSettled } from '../../links/settled.ts';
import { createHandshakes } from './handshakes.ts';
import { createSession, type SessionOptions } from './session.ts';
import type { AskSecret, Session } from '../types.ts';

const target: SshTarget = {
  host: 'appliance.test',
  port: 22,
  user: 'ubuntu',
  authentication: { agent: false, keyFile: null, password: true, keyboardInteractive: false },
};
const hop = 'ubuntu@appliance.test:22';
const offered = { type: 'ssh-ed25519', fingerprint: `SHA256:${'A'.repeat(43)}` };

/** A clock that advances only when the test calls `advance`. */
function createTestClock(): Clock & { advance: (milliseconds: number) => void; sleepers: () => number } {
  let now = Date.parse('2026-11-20T09:00:00.000Z');
  const sleeping = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + milliseconds, wake: resolve };
        if (signal.aborted) resolve();
        else sleeping.add(sleeper);
        signal.addEventListener('abort', () => {
          sleeping.delete(sleeper);
          resolve();
        });
      }),
    advance(milliseconds) {
      now += milliseconds;
      for (const sleeper of sleeping) {
        if (sleeper.at > now) continue;
        sleeping.delete(sleeper);
        sleeper.wake();
      }
    },
    sleepers: () => sleeping.size,
  };
}

const sessions: Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.release();
});

function start(transport: ReturnType<typeof createLocalTransport>, options: Partial<SessionOptions> = {}) {
  const clock = createTestClock();
  const states: LinkState[] = [];
  const session = createSession({
    transport,
    target,
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
    clock,
    random: () => 1,
    ...options,
  });
  sessions.push(session);
  session.onChange((state) => states.push(state));
  const reaches = (name: LinkState['state']) =>
    waitFor(`the state ${name}`, () => session.state().state === name);
  const names = () => states.map(({ state }) => state).filter((name, index, all) => name !== all[index - 1]);
  return { session, clock, states, reaches, names };
}

function fails(code: ConstructorParameters<typeof AppError>[0], detail: Record<string, unknown> = {}) {
  return () => {
    throw new AppError(code, `it was ${code}`, { detail });
  };
}

describe('the life of a link', () => {
  test('does nothing until wanted; commands reject', async () => {
    const transport = createLocalTransport();
    const { session } = start(transport);
    expect(session.state().state).toBe('idle');
    await expect(session.run({ argv: ['true'], privileged: false })).rejects.toMatchObject({
      code: 'LINK_NOT_READY',
    });
    await expect(session.forwardOut('127.0.0.1', 1)).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
    await expect(session.ready(1000)).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
    expect(transport.attempts()).toBe(0);
  });

  test('connects once however often it is wanted, and reports the round trip', async () => {
    const transport = createLocalTransport();
    const { session, names } = start(transport);
    session.want();
    session.want();
    await session.ready(60_000);
    await waitFor('the first round trip', () => {
      const state = session.state();
      return state.state === 'connected' && state.latencyMs === 1;
    });
    expect(transport.attempts()).toBe(1);
    expect(names()).toEqual(['connecting', 'connected']);
  });

  test('while the appliance doesn’t answer, retries with growing delays and reports them', async () => {
    const transport = createLocalTransport({ connect: fails('CONNECT_FAILED') });
    const { session, clock, reaches } = start(transport);
    session.want();
    for (const [index, delay] of [2000, 4000, 8000].entries()) {
      await reaches('retrying');
      const state = session.state();
      expect(state).toMatchObject({
        attempt: index + 1,
        nextAttemptAt: new Date(clock.now() + delay).toISOString(),
        error: { code: 'CONNECT_FAILED' },
      });
      await waitFor('the wait to begin', () => clock.sleepers() === 1);
      clock.advance(delay - 1);
      expect(session.state()).toBe(state);
      clock.advance(1);
      await waitFor('the next attempt', () => transport.attempts() === index + 2);
    }
    await reaches('retrying');
    await waitFor('the wait to begin', () => clock.sleepers() === 1);
    session.want();
    expect(session.state().state).toBe('retrying');
    session.want({ force: true });
    await waitFor('the attempt that was forced', () => transport.attempts() === 5);
  });

  test.each(['later', 'at once'] as const)(
    'when a lost link is wanted with force %s: connects, and what waits then does not take the lost link for the result',
    async (when) => {
      const transport = createLocalTransport({
        connect: (_request, attempt) => {
          if (attempt === 1) throw new AppError('CONNECT_FAILED', 'The first attempt failed.');
        },
      });
      const { session, reaches } = start(transport);
      const force = () => {
        session.want({ force: true });
        expect(session.state()).toMatchObject({
          state: 'connecting',
          hop,
          after: { code: 'CONNECT_FAILED' },
        });
      };
      const forced = Promise.withResolvers<void>();
      session.onChange(({ state }) => {
        if (when !== 'at once' || state !== 'retrying') return;
        force();
        forced.resolve();
      });
      session.want();
      if (when === 'at once') await forced.promise;
      else {
        await reaches('retrying');
        force();
      }
      const settled = await waitUntilSettled({
        session,
        timeoutMs: 5000,
        waitsForSecrets: false,
        signal: new AbortController().signal,
      });
      expect(settled.state).toBe('connected');
    },
  );

  test.each(['HOST_KEY_CHANGED', 'AUTHENTICATION_FAILED', 'KEY_UNREADABLE', 'SECRET_NEEDED'] as const)(
    'when %s, stops; only force tries again',
    async (code) => {
      const transport = createLocalTransport({ connect: fails(code) });
      const { session, clock, reaches } = start(transport);
      session.want();
      await reaches('stopped');
      expect(session.state()).toMatchObject({ error: { code } });
      await expect(session.ready(1000)).rejects.toMatchObject({ code });
      session.want();
      clock.advance(3_600_000);
      expect(clock.sleepers()).toBe(0);
      expect(transport.attempts()).toBe(1);
      session.want({ force: true });
      expect(session.state().state).toBe('connecting');
      await reaches('stopped');
      expect(transport.attempts()).toBe(2);
    },
  );

  test('when a host key is unknown, waits for confirmation', async () => {
    let isPinned = false;
    const transport = createLocalTransport({
      connect: () => {
        if (!isPinned) fails('HOST_KEY_UNKNOWN', { hop, offered, pinned: null })();
      },
    });
    const { session, reaches } = start(transport);
    session.want();
    await reaches('waiting-host-key');
    expect(session.state()).toMatchObject({ hop, offered });
    await expect(session.ready(1000)).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      detail: { offered },
    });
    session.want();
    expect(transport.attempts()).toBe(1);
    isPinned = true;
    session.want({ force: true });
    await session.ready(60_000);
  });

  test('when an appliance becomes silent, notices it within fifteen seconds and reconnects', async () => {
    const transport = createLocalTransport();
    const { session, clock, reaches, names } = start(transport);
    session.want();
    await session.ready(60_000);
    const first = transport.connections[0];
    await waitFor('the first ping', () => first?.pings() === 1 && clock.sleepers() === 1);
    clock.advance(5000);
    await waitFor('the second ping', () => first?.pings() === 2 && clock.sleepers() === 1);
    const { since } = session.state();
    expect(session.state()).toMatchObject({ lastHeardAt: new Date(clock.now()).toISOString() });
    expect(Date.parse(since)).toBe(clock.now() - 5000);
    first?.stopAnsweringPings();
    clock.advance(5000);
    await reaches('retrying');
    expect(session.state()).toMatchObject({ error: { code: 'LINK_LOST' }, attempt: 1 });
    await waitFor('the wait to begin', () => clock.sleepers() === 1);
    clock.advance(2000);
    await reaches('connected');
    expect(names()).toEqual(['connecting', 'connected', 'retrying', 'connecting', 'connected']);
  });

  test('when a link breaks repeatedly, delays grow; after a stable link they start again', async () => {
    const transport = createLocalTransport();
    const { session, clock, reaches } = start(transport);
    session.want();
    for (const attempt of [1, 2, 3]) {
      await reaches('connected');
      transport.connections.at(-1)?.cut();
      await reaches('retrying');
      expect(session.state()).toMatchObject({ attempt });
      await waitFor('the wait to begin', () => clock.sleepers() === 1);
      clock.advance(30_000);
    }
    await reaches('connected');
    await waitFor('the ping', () => clock.sleepers() === 1);
    clock.advance(30_000);
    transport.connections.at(-1)?.cut();
    await reaches('retrying');
    expect(session.state()).toMatchObject({ attempt: 1 });
  });

  test('when released, ends the link, waiting calls and the current attempt', async () => {
    const transport = createLocalTransport();
    const { session, reaches } = start(transport);
    session.want();
    await session.ready(60_000);
    const running = session.run({ argv: ['sleep', '60'], privileged: false });
    session.release();
    expect(session.state().state).toBe('idle');
    await expect(running).rejects.toMatchObject({ code: 'LINK_LOST' });
    expect(await transport.connections[0]?.closed).toMatchObject({ code: 'CANCELLED' });
    session.want();
    await reaches('connected');

    const slow = createLocalTransport({
      connect: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new AppError('CANCELLED', 'cancelled')));
        }),
    });
    const second = start(slow);
    second.session.want();
    await waitFor('the attempt', () => slow.attempts() === 1);
    const ready = second.session.ready(60_000);
    second.session.release();
    await expect(ready).rejects.toMatchObject({ code: 'LINK_NOT_READY' });
    expect(second.session.state().state).toBe('idle');
  });

  test('when not ready in time, rejects with the reason', async () => {
    const { session } = start(createLocalTransport({ connect: fails('CONNECT_FAILED') }));
    session.want();
    await expect(session.ready(50)).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
      detail: { hop, last: { code: 'CONNECT_FAILED' } },
    });
  });
});

async function wantsPassword({ askSecret }: { askSecret: AskSecret }) {
  const answer = await askSecret({
    hop,
    kind: 'password',
    title: 'Password',
    fields: [{ label: 'Password', echo: false }],
    refused: false,
  });
  if (answer === null) throw new AppError('SECRET_NEEDED', 'No answer was entered.');
}

describe('secrets', () => {
  test('are asked once, kept after a lost link, and forgotten on release', async () => {
    let asked = 0;
    const transport = createLocalTransport({ connect: wantsPassword });
    const { session, clock, reaches } = start(transport, {
      askSecret: () => {
        asked += 1;
        return Promise.resolve(['secret']);
      },
    });
    session.want();
    await session.ready(60_000);
    transport.connections[0]?.cut();
    await reaches('retrying');
    await waitFor('the wait to begin', () => clock.sleepers() === 1);
    clock.advance(2000);
    await reaches('connected');
    expect(asked).toBe(1);
    session.release();
    session.want();
    await reaches('connected');
    expect(asked).toBe(2);
  });

  test('when the user takes long to answer, holds no handshake slot and reconnects after the server gave up', async () => {
    const handshakes = createHandshakes();
    const answer = Promise.withResolvers<string[] | null>();
    let asked = 0;
    const transport = createLocalTransport({
      connect: async (request, attempt) => {
        const waiting = wantsPassword(request);
        if (attempt > 1) return waiting;
        waiting.catch(() => undefined);
        await waitFor('the question', () => asked === 1);
        throw new AppError('CONNECT_FAILED', 'the server would not wait');
      },
    });
    const { session, reaches, names } = start(transport, {
      handshakes,
      askSecret: () => {
        asked += 1;
        return answer.promise;
      },
    });
    session.want();
    await reaches('waiting-secret');
    expect(session.state()).toMatchObject({ hop });
    expect(handshakes.inUse()).toBe(0);
    answer.resolve(['secret']);
    await reaches('connected');
    expect(asked).toBe(1);
    expect(transport.attempts()).toBe(2);
    expect(names()).not.toContain('retrying');
    expect(handshakes.inUse()).toBe(0);
  });

  test('when there is no answer, stops the link', async () => {
    const { session, reaches } = start(createLocalTransport({ connect: wantsPassword }));
    session.want();
    await reaches('stopped');
    expect(session.state()).toMatchObject({ error: { code: 'SECRET_NEEDED' } });
  });
});

async function ready() {
  const transport = createLocalTransport();
  const started = start(transport);
  started.session.want();
  await started.session.ready(60_000);
  return { ...started, transport };
}

describe('commands', () => {
  test('return their output and exit code and read their stdin', async () => {
    const { session } = await ready();
    expect(
      await session.run({
        argv: ['sh', '-c', 'cat; echo "$0" >&2; exit 3', "it's $HOME"],
        privileged: false,
        stdin: 'read',
      }),
    ).toEqual({ exitCode: 3, signal: null, stdout: 'read', stderr: "it's $HOME\n" });
    expect(await session.run({ argv: ['cat'], privileged: false })).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
  });

  test.each([
    ['', 1_000_000],
    [' >&2', 256 * 1024],
  ])('when output%s is endless, stop in limited memory', async (redirection, maxBytes) => {
    const { session } = await ready();
    const before = process.memoryUsage().rss;
    await expect(
      session.run({ argv: ['sh', '-c', `yes${redirection}`], privileged: false, maxBytes: 1_000_000 }),
    ).rejects.toMatchObject({ code: 'OUTPUT_TOO_LARGE', detail: { maxBytes } });
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test('when silent, stop at the time limit', async () => {
    const { session } = await ready();
    await expect(
      session.run({ argv: ['sleep', '60'], privileged: false, timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
  });

  test('run eight at once and the others wait; streams leave channels for commands', async () => {
    const { session, transport } = await ready();
    let started = 0;
    const connection = transport.connections[0];
    if (connection === undefined) throw new Error('no connection');
    const exec = connection.exec;
    connection.exec = (line) => {
      started += 1;
      return exec(line);
    };
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => session.stream({ argv: ['cat'], privileged: false })),
    );
    const sixth = session.stream({ argv: ['cat'], privileged: false });
    const held = Array.from({ length: 4 }, () => session.run({ argv: ['sleep', '60'], privileged: false }));
    for (const each of held) each.catch(() => undefined);
    await waitFor('the commands', () => started === 8);
    const [first] = streams;
    first?.kill();
    await waitFor('the ninth', () => started === 9);
    expect(started).toBe(9);
    for (const stream of streams) stream.kill();
    (await sixth).kill();
    session.release();
    await expect(held[0]).rejects.toMatchObject({ code: 'LINK_LOST' });
  });

  test('when the channel closes with the link and without an exit code, reject with LINK_LOST', async () => {
    const { session, transport } = await ready();
    const connection = transport.connections[0];
    if (connection === undefined) throw new Error('no connection');
    const exec = connection.exec;
    connection.exec = async (line) => {
      const process = await exec(line);
      connection.stopAnsweringPings();
      return { ...process, exited: process.exited.then(() => ({ exitCode: null, signal: null })) };
    };
    await expect(session.run({ argv: ['true'], privileged: false })).rejects.toMatchObject({
      code: 'LINK_LOST',
    });
  });
});
