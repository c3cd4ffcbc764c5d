import '../../../test-support/renderer/pageSetup.ts';
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ConsoleProvider, createConsoleClient } from '../../rpc/client.tsx';
import { createFakeConsole, throwAppError } from '../../../test-support/renderer/fakeConsole.ts';
import { applianceId, observedAt } from '../../../test-support/renderer/samples.ts';
import { createLogBuffer } from './buffer.ts';
import { useTail } from './useTail.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function batchOf(seq: number) {
  const line = {
    seq,
    applianceId,
    receivedAt: observedAt,
    time: observedAt,
    host: 'kiln-01',
    program: 'sshd',
    pid: 1,
    severity: 'info',
    severityFrom: 'line',
    head: '',
    message: `line ${seq}`,
    kind: 'line',
  };
  return {
    streamId: '00000000-0000-4000-8000-0000000000bb',
    batch: seq,
    lines: [line],
    dropped: 0,
    linesPerSecond: 1,
    unreadable: [],
  };
}

function pass(milliseconds: number): Promise<unknown> {
  return act(() => vi.advanceTimersByTimeAsync(milliseconds));
}

/** A stream that sends one batch and then fails. */
async function* brokenAfter(seq: number) {
  yield await Promise.resolve(batchOf(seq));
  throwAppError('CONNECT_FAILED', 'The link broke.');
}

test('when an interruption is long, it is one mark before the next line', async () => {
  let canConnect = true;
  const { connection, calls } = createFakeConsole({
    'syslog.tail': () =>
      canConnect
        ? brokenAfter(calls.length)
        : throwAppError('CONNECT_FAILED', 'The appliance doesn’t answer.'),
    'syslog.ack': () => ({}),
  });
  connection.start();
  const access = createConsoleClient(connection.link);
  const buffer = createLogBuffer();
  const { result } = renderHook(() => useTail({ buffer, applianceIds: [applianceId] }), {
    wrapper: ({ children }) => <ConsoleProvider access={access}>{children}</ConsoleProvider>,
  });
  const kinds = () => buffer.snapshot().rows.map((row) => row.kind);
  const tries = () => calls.filter((call) => call.procedure === 'syslog.tail');

  await pass(100);
  expect(kinds()).toEqual(['line']);
  expect(tries()[0]?.input).toEqual({ applianceIds: [applianceId], lines: 10_000 });
  canConnect = false;
  await pass(60_000);
  expect(tries().length).toBeGreaterThan(20);
  expect(kinds()).toEqual(['line']);
  expect(result.current.error?.code).toBe('CONNECT_FAILED');
  canConnect = true;
  await pass(2000);
  expect(kinds()).toEqual(['line', 'gap', 'line']);
  expect(
    tries()
      .map((call) => call.input)
      .at(-1),
  ).toEqual({ applianceIds: [applianceId], lines: 0 });
});

async function* nineBatches() {
  for (let seq = 0; seq < 9; seq += 1) yield await Promise.resolve(batchOf(seq));
}

test('when batches are drawn, every fourth is acknowledged', async () => {
  const { connection, calls } = createFakeConsole({ 'syslog.tail': nineBatches, 'syslog.ack': () => ({}) });
  connection.start();
  const access = createConsoleClient(connection.link);
  const buffer = createLogBuffer();
  renderHook(() => useTail({ buffer, applianceIds: [applianceId] }), {
    wrapper: ({ children }) => <ConsoleProvider access={access}>{children}</ConsoleProvider>,
  });
  await pass(100);
  expect(buffer.snapshot().rows).toHaveLength(9);
  expect(calls.flatMap(({ procedure, input }) => (procedure === 'syslog.ack' ? [input] : []))).toMatchObject([
    { batch: 3 },
    { batch: 7 },
  ]);
});
