import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { errorCodes } from '../../src-shared/errorCodes.ts';
import { AppError } from '../../src-shared/errors.ts';
import type { RemoteNetworks, Tenant, TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import { tenantCommandArgv, type TenantCommand } from '../driver/tenantCommands.ts';
import type { Driver } from '../driver/driver.ts';
import { verifyResult } from './verifyChange.ts';
import { hangingOutcome, outcomeOf, unknownOutcome } from './outcome.ts';
import { tenantOf, type Prepared } from './plan.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** How long a lost link is waited for before a change counts as unknown **[ours]**. */
const returnWithinMs = 30 * secondMs;
/**
 * A command whose link was cut runs on: sshd does not end it, and it may wait ten seconds for the appliance's lock. Only
 * when the tenant is as it was for longer than that, and no process with its words is found, has nothing been done. Where
 * processes can't be looked for, the time alone must do **[ours]**.
 */
const runsOnForMs = 15 * secondMs;
/** One that still runs after that long hangs, and nobody can tell how it will end **[ours]**. */
const hangsAfterMs = 90 * secondMs;
const askAgainMs = 500;

const exitSchema = z.object({ exitCode: z.int() });

/** The appliance or the session refused before anything was changed. */
export function isRefusal(error: AppError): boolean {
  return errorCodes[error.code].changedNothing === true;
}

/** Unless the appliance said how the command ended, it may still run. */
function mayStillRun(failure: AppError): boolean {
  const wasSeen = errorCodes[failure.code].hasEnded === true || exitSchema.safeParse(failure.detail).success;
  return !isRefusal(failure) && !wasSeen;
}

export type Appliance = {
  driver: () => Driver;
  /** Resolves when the link is up; rejects when it is not in time, or can't come up by itself. */
  ready: (timeoutMs: number) => Promise<void>;
  /** Whether a command with these words runs there now; null where that can't be told. Rejects where it was not asked. */
  isRunning: (argv: readonly string[]) => Promise<boolean | null>;
};

/** How far the commands came. `failure` is that of the first one that did not end well, or why none was started. */
export type CommandResult = {
  change: TenantChange | null;
  failure: AppError | null;
  completed: number;
  /** What was sent and did not end well. */
  failed: TenantCommand | null;
};

function asAppError(thrown: unknown): AppError {
  return thrown instanceof AppError
    ? thrown
    : new AppError('INTERNAL', 'Running the command failed inside Sallyport.', { cause: thrown });
}

/** The link went before the first command: nothing was changed, but a file may lie there. */
export function notStarted(failure: AppError): CommandResult {
  return { change: null, failure, completed: 0, failed: null };
}

/** The commands with the file's real name in them. */
export function commandsAsRun(commands: readonly TenantCommand[], path: string | null): TenantCommand[] {
  return commands.map((command) =>
    command.verb === 'add' && command.publicKeyPath !== null
      ? { ...command, publicKeyPath: path ?? command.publicKeyPath }
      : command,
  );
}

/** Runs the commands in order, each once. Never rejects. */
export async function runCommands(input: {
  driver: Driver;
  commands: readonly TenantCommand[];
  uploadedPath: string | null;
}): Promise<CommandResult> {
  let first: TenantChange | null = null;
  let completed = 0;
  for (const command of commandsAsRun(input.commands, input.uploadedPath)) {
    try {
      const change = await input.driver.changeTenant(command);
      first ??= change;
      completed += 1;
    } catch (thrown) {
      return { change: first, failure: asAppError(thrown), completed, failed: command };
    }
  }
  return { change: first, failure: null, completed, failed: null };
}

type Listed = { networks: RemoteNetworks; observedAt: string };

/**
 * Asks the appliance how the change ended and says it: done, not done, or unknown where it could not be asked in time.
 * Never rejects because of the appliance.
 */
export async function settle(input: {
  appliance: Appliance;
  prepared: Prepared;
  ran: CommandResult;
  /** A temporary file that could not be deleted yet. */
  leftover: () => Promise<string | null>;
  clock: () => number;
}): Promise<TenantOutcome> {
  const { appliance, prepared, ran, leftover } = input;
  const { action } = prepared.plan;
  const startedAt = performance.now();
  const lost =
    ran.failed !== null && ran.failure !== null && mayStillRun(ran.failure)
      ? { argv: tenantCommandArgv(ran.failed), failure: ran.failure }
      : null;
  let isOver = false;
  let upAt: number | null = null;
  for (;;) {
    const listed = await listAgain();
    if (listed === null) {
      const waitedMs = performance.now() - startedAt;
      if (waitedMs < returnWithinMs && (await isComing(returnWithinMs - waitedMs))) continue;
      return withoutSight(waitedMs);
    }
    upAt ??= performance.now();
    const now: Tenant | null = tenantOf(listed.networks, action.clientId);
    const verdict = verifyResult({ action, key: prepared.key, before: prepared.before, now });
    if (verdict === 'done' || isOver || lost === null)
      return outcomeOf({
        prepared,
        change: ran.change,
        failure: ran.failure,
        now,
        observedAt: listed.observedAt,
        verdict,
        leftover: await leftover(),
      });
    const upForMs = performance.now() - upAt;
    if (upForMs < runsOnForMs) await delay(askAgainMs);
    // Asked before the list that the verdict rests on: what ended in between is seen in it.
    else if (!(await stillRuns(lost.argv))) isOver = true;
    else if (upForMs < hangsAfterMs) await delay(askAgainMs);
    else return hangs({ failure: lost.failure, now, observedAt: listed.observedAt });
  }

  /** An answer that did not come is no proof that it ended; one that it can't be told leaves it at the time that passed. */
  async function stillRuns(argv: readonly string[]): Promise<boolean> {
    try {
      return (await appliance.isRunning(argv)) === true;
    } catch (thrown) {
      if (thrown instanceof AppError) return true;
      throw thrown;
    }
  }

  async function hangs(seen: {
    failure: AppError;
    now: Tenant | null;
    observedAt: string;
  }): Promise<TenantOutcome> {
    return hangingOutcome({ prepared, change: ran.change, ...seen, leftover: await leftover() });
  }

  async function listAgain(): Promise<Listed | null> {
    try {
      const networks = await appliance.driver().remoteNetworks();
      return { networks, observedAt: new Date(input.clock()).toISOString() };
    } catch (thrown) {
      if (thrown instanceof AppError) return null;
      throw thrown;
    }
  }

  async function isComing(timeoutMs: number): Promise<boolean> {
    try {
      await appliance.ready(timeoutMs);
      await delay(askAgainMs);
      return true;
    } catch {
      return false;
    }
  }

  async function withoutSight(waitedMs: number): Promise<TenantOutcome> {
    const failure =
      ran.failure ?? new AppError('LINK_LOST', 'The commands were done, but the result was not seen.');
    return unknownOutcome({ prepared, change: ran.change, failure, waitedMs, leftover: await leftover() });
  }
}
