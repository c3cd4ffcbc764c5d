import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { growingDelayMs } from '../../src-shared/base/backOff.ts';
import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { RemoteNetworks } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { createHangingOutcome, createOutcome, createUnknownOutcome } from './outcome.ts';
import { tenantOf, type PreparedChange } from './plan.ts';
import { isRefusal, type CommandResult } from './runCommands.ts';
import { verifyResult } from './verifyChange.ts';

/** If a lost link is not up again within this time, the result of the change is unknown **[ours]**. */
const maxLinkLossMs = 30 * secondMs;
/**
 * A command keeps running after its link is cut, and may first wait ten seconds for the appliance's lock. So
 * a change is reported as not made only if, after this time, the command has ended and the tenant is
 * unchanged **[ours]**.
 */
const mayRunForMs = 15 * secondMs;
/**
 * If the command still runs after this time, it hangs, and the result of the change is unknown **[ours]**.
 */
const hangsAfterMs = 90 * secondMs;
/** Asking costs the appliance a program start, so the pauses grow. */
const askAgain = { firstMs: 500, maxMs: 2 * secondMs };

const exitSchema = z.object({ exitCode: z.int() });

/** The operations on an appliance that are needed to find out the result. */
type Appliance = {
  /** Rejects with an AppError if the appliance does not answer. */
  readTenants: () => Promise<{ networks: RemoteNetworks; observedAt: string }>;
  /** Resolves when the link is up. Rejects after the time limit, or if the link needs the user. */
  ready: (timeoutMs: number) => Promise<void>;
  /**
   * Whether a command with these arguments runs on the appliance. Null if the appliance can't tell. Rejects
   * if it does not answer.
   */
  isRunning: (argv: readonly string[]) => Promise<boolean | null>;
};

/**
 * Returns the command whose answer was lost, because it may still run. Null if all commands have ended.
 */
function findLostCommand({ failed, failure }: CommandResult) {
  if (failed === null || failure === null) return null;
  const hasEnded =
    errorCodes[failure.code].commandHasEnded === true || exitSchema.safeParse(failure.detail).success;
  return hasEnded || isRefusal(failure) ? null : { argv: failed.argv, failure };
}

async function readTenants(appliance: Appliance) {
  try {
    return await appliance.readTenants();
  } catch (thrown) {
    if (thrown instanceof AppError) return null;
    throw thrown;
  }
}

async function waitForLink(appliance: Appliance, timeoutMs: number): Promise<boolean> {
  try {
    await appliance.ready(timeoutMs);
    await delay(askAgain.firstMs);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the command may still run. True if the appliance does not answer; false if it can't tell, because
 * then only time decides.
 */
async function mayStillRun(appliance: Appliance, argv: readonly string[]): Promise<boolean> {
  try {
    return (await appliance.isRunning(argv)) === true;
  } catch (thrown) {
    if (thrown instanceof AppError) return true;
    throw thrown;
  }
}

/**
 * Reads the tenants again until the result of the change is known: done, not done, or unknown if the
 * appliance did not answer in time. Never rejects because of the appliance.
 */
export async function resolveOutcome(input: {
  appliance: Appliance;
  prepared: PreparedChange;
  result: CommandResult;
  /** Returns the path of the temporary file if it could not be deleted yet. */
  findRemainingFile: () => Promise<string | null>;
}): Promise<TenantOutcome> {
  const { appliance, prepared, result } = input;
  const { action } = prepared.plan;
  const answered = async () => ({
    prepared,
    change: result.change,
    remainingFile: await input.findRemainingFile(),
  });
  const startedAt = performance.now();
  const lost = findLostCommand(result);
  let hasEnded = lost === null;
  let upAt: number | null = null;
  let asked = 0;
  for (;;) {
    const listed = await readTenants(appliance);
    if (listed === null) {
      const waitedMs = performance.now() - startedAt;
      if (waitedMs < maxLinkLossMs && (await waitForLink(appliance, maxLinkLossMs - waitedMs))) continue;
      const failure =
        result.failure ?? new AppError('LINK_LOST', 'The commands ran, but their result did not arrive.');
      return createUnknownOutcome({ ...(await answered()), failure, waitedMs });
    }
    upAt ??= performance.now();
    const { observedAt } = listed;
    const now = tenantOf(listed.networks, action.clientId);
    const effect = verifyResult({ action, key: prepared.key, before: prepared.before, now });
    if (effect === 'done' || hasEnded || lost === null)
      return createOutcome({ ...(await answered()), failure: result.failure, now, observedAt, effect });
    const upForMs = performance.now() - upAt;
    if (upForMs >= mayRunForMs) {
      hasEnded = !(await mayStillRun(appliance, lost.argv));
      // Read the tenants again, because the command may have changed them just before it ended.
      if (hasEnded) continue;
      if (upForMs >= hangsAfterMs)
        return createHangingOutcome({ ...(await answered()), failure: lost.failure, now, observedAt });
    }
    await delay(growingDelayMs({ ...askAgain, failures: asked }));
    asked += 1;
  }
}
