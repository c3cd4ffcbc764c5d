import { expect, test, vi } from 'vitest';
import type { Prober } from '../../../tunnels/probe/prober.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { describeTest, testBefore } from './testBefore.ts';

const target = { applianceId: 'kiln', clientId: 'acme', port: null };
const probed = (count: number) => Promise.resolve({ probed: count, ok: 0, milliseconds: 241.6 });

test('when a diagnosis may test, tests the tunnels of the request and says how many', async () => {
  const probe = vi.fn<Prober['probe']>(() => probed(2));
  const result = await testBefore({ probe }, target, true);
  expect(probe.mock.calls).toEqual([[target]]);
  expect(result).toEqual({ state: 'tested', port: null, tunnels: 2, milliseconds: 242 });
  expect(describeTest(result)).toBe('Tested 2 open tunnels of this tenant just now, in 0.2 s.');
  const one = await testBefore({ probe: () => probed(1) }, target, true);
  expect(describeTest(one)).toBe('Tested the only open tunnel of this tenant just now, in 0.2 s.');
  const chosen = await testBefore({ probe: () => probed(1) }, { ...target, port: 2209 }, true);
  expect(describeTest(chosen)).toBe('Tested port 2209 just now, in 0.2 s.');
});

test('when the operator wants no test, sends none and says so', async () => {
  const probe = vi.fn<Prober['probe']>(() => probed(1));
  const result = await testBefore({ probe }, target, false);
  expect(probe).not.toHaveBeenCalled();
  expect(describeTest(result)).toMatch(/^Not tested now \(--no-test\)\./u);
});

test.each([
  ['no tunnel is open', () => probed(0), 'Not tested: no tunnel is open.'],
  [
    'the port is not forwarded',
    () => Promise.reject(new AppError('NOT_FOUND', 'Nothing is announced or bound on port 2209.')),
    'Not tested: Nothing is announced or bound on port 2209.',
  ],
  [
    'the appliance is not connected',
    () => Promise.reject(new AppError('LINK_NOT_READY', 'kiln is not connected (retrying).')),
    'Not tested: kiln is not connected (retrying).',
  ],
])('when %s, diagnoses without a test and says why', async (_why, probe, text) => {
  expect(describeTest(await testBefore({ probe }, target, true))).toBe(text);
});

test('when tests don’t end, diagnoses after a minute', async () => {
  vi.useFakeTimers();
  try {
    const testing = testBefore({ probe: () => Promise.withResolvers<never>().promise }, target, true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(describeTest(await testing)).toBe('Not tested: the test did not end within 1 min.');
  } finally {
    vi.useRealTimers();
  }
});
