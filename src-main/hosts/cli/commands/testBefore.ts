import { AppError } from '../../../../src-shared/errors.ts';
import { race } from '../../../../src-shared/base/race.ts';
import { formatDuration, secondMs } from '../../../../src-shared/base/time.ts';
import type { Prober } from '../../../tunnels/probe/prober.ts';

/** Time limit for the tests before a diagnosis. A test has shorter limits, but many may wait for each other. */
const maxTestMs = 60 * secondMs;

/** Whether the tunnels were tested before a diagnosis. */
export type TestBefore =
  /** `port` is null if all tunnels of the tenant were to be tested. */
  | { state: 'tested'; port: number | null; tunnels: number; milliseconds: number }
  | { state: 'not-requested' }
  /** Nothing can be tested, e.g. because no port is open. */
  | { state: 'not-possible'; reason: string };

/** Tests the tunnels of a tenant, or one of them. An error of the test is a reason, because the diagnosis follows. */
export async function testBefore(
  prober: Pick<Prober, 'probe'>,
  target: { applianceId: string; clientId: string; port: number | null },
  isRequested: boolean,
): Promise<TestBefore> {
  if (!isRequested) return { state: 'not-requested' };
  try {
    const result = await race(prober.probe(target), { timeoutMs: maxTestMs, onTimeout: () => null });
    if (result === null)
      return { state: 'not-possible', reason: `the test did not end within ${formatDuration(maxTestMs)}` };
    if (result.probed === 0) return { state: 'not-possible', reason: 'no tunnel is open' };
    const { probed: tunnels, milliseconds } = result;
    return { state: 'tested', port: target.port, tunnels, milliseconds: Math.round(milliseconds) };
  } catch (thrown) {
    if (thrown instanceof AppError) return { state: 'not-possible', reason: thrown.message };
    throw thrown;
  }
}

/** What the diagnosis says about its test. */
export function describeTest(test: TestBefore): string {
  switch (test.state) {
    case 'tested': {
      // The diagnosis may be about another tunnel of the tenant, whose port is not open.
      const all = test.tunnels === 1 ? 'the only open tunnel' : `${test.tunnels} open tunnels`;
      const what = test.port === null ? `${all} of this tenant` : `port ${test.port}`;
      return `Tested ${what} just now, in ${(test.milliseconds / secondMs).toFixed(1)} s.`;
    }
    case 'not-requested':
      return 'Not tested now (--no-test). The last two layers show the last test.';
    case 'not-possible':
      return `Not tested: ${test.reason.replace(/\.$/u, '')}.`;
  }
}
