import { ORPCError } from '@orpc/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConnection } from './connection.ts';
import { toErrorData } from './errors.ts';
import { SessionEndedError, type Transport } from './transports.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function transport(answer: string): {
  transport: Transport;
  cut: (end?: Awaited<Transport['closed']>) => void;
} {
  const { promise: closed, resolve } = Promise.withResolvers<Awaited<Transport['closed']>>();
  return {
    transport: { link: { call: () => Promise.resolve(answer) }, closed },
    cut: (end = null) => resolve(end),
  };
}

test('calls wait for the first connection, fail at once while it is lost, and go on over the next', async () => {
  const first = transport('first');
  const second = transport('second');
  const open = vi
    .fn<() => Promise<Transport>>()
    .mockResolvedValueOnce(first.transport)
    .mockResolvedValueOnce(second.transport);
  const connection = createConnection(open);
  const call = () => connection.link.call(['system', 'about'], {}, { context: {} });
  const waiting = call();
  connection.start();
  expect(await waiting).toBe('first');
  expect(connection.state()).toEqual({ state: 'connected', generation: 1 });

  first.cut();
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.state().state).toBe('lost');
  await expect(call()).rejects.toThrow('Can’t reach the console');

  await vi.advanceTimersByTimeAsync(500);
  expect(connection.state()).toEqual({ state: 'connected', generation: 2 });
  expect(await call()).toBe('second');
  connection.stop();
});

test('when the console refuses the page, it stops trying', async () => {
  const open = vi.fn<() => Promise<Transport>>().mockRejectedValue(new SessionEndedError('token-refused'));
  const connection = createConnection(open);
  connection.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connection.state()).toEqual({ state: 'ended', reason: 'token-refused' });
  expect(open).toHaveBeenCalledTimes(1);
});

test('when the session ends under an open page, it stops with the reason', async () => {
  const first = transport('first');
  const open = vi.fn<() => Promise<Transport>>().mockResolvedValue(first.transport);
  const connection = createConnection(open);
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
  first.cut('signed-out');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connection.state()).toEqual({ state: 'ended', reason: 'signed-out' });
  expect(open).toHaveBeenCalledTimes(1);
});

test('when the console is unreachable, retries with growing delays', async () => {
  const open = vi.fn<() => Promise<Transport>>().mockRejectedValue(new Error('refused'));
  const connection = createConnection(open);
  connection.start();
  await vi.advanceTimersByTimeAsync(3600);
  expect(open).toHaveBeenCalledTimes(4);
  expect(connection.state().state).toBe('lost');
  connection.stop();
});

test('errors keep their code, sentence and detail; anything else is the connection’s', () => {
  const data = { retryable: false, detail: { hop: 'a' } };
  expect(toErrorData(new ORPCError('HOST_KEY_CHANGED', { message: 'changed', data }))).toEqual({
    code: 'HOST_KEY_CHANGED',
    message: 'changed',
    ...data,
  });
  expect(toErrorData(new ORPCError('BAD_REQUEST', { message: 'no' })).code).toBe('INVALID_INPUT');
  expect(toErrorData(new TypeError('closed')).code).toBe('CONNECT_FAILED');
});
