import type { AppError } from '../../src-shared/errors.ts';
import { subtractPorts } from '../../src-shared/model/tenants/allocation.ts';
import { formatRanges } from '../../src-shared/model/tenants/ports.ts';
import type { Tenant, TenantChange } from '../../src-shared/model/tenants/remoteNetworks.ts';
import type { TenantOutcome } from '../../src-shared/model/tenants/tenantPlan.ts';
import { asSentence } from '../../src-shared/base/sentence.ts';
import { formatInstant } from '../../src-shared/base/time.ts';
import { describeChanges, type ChangeEffect } from './verifyChange.ts';
import type { PreparedChange } from './plan.ts';

function sessionsText(sessions: number): string {
  return sessions === 1 ? '1 session ended' : `${sessions} sessions ended`;
}

function portsText(count: number): string {
  return count === 1 ? '1 port' : `${count} ports`;
}

/** Says who has the port now, because another process may have taken it. */
function describePortHolder(port: number, tenant: Tenant | null): string {
  const listener = tenant?.forwards.find((forward) => forward.port === port)?.listener ?? null;
  if (listener === null) return `port ${port} is free`;
  return `port ${port} is now held by ${listener.pid === null ? 'another process' : `process ${listener.pid}`}`;
}

function describeDone(
  { plan, before }: PreparedChange,
  { tenant, ended }: { tenant: Tenant | null; ended: number | null },
): string {
  const { action } = plan;
  const { clientId } = action;
  const ports = tenant === null ? '' : `: ${formatRanges(tenant.ports)}`;
  const givenUp = tenant === null ? [] : subtractPorts(before?.ports ?? [], tenant.ports);
  const lost = givenUp.length === 0 ? '' : ` It released ${formatRanges(givenUp)}.`;
  const sessions = ended === null || ended === 0 ? '' : ` ${sessionsText(ended)}.`;
  switch (action.kind) {
    case 'add':
      if (before !== null)
        return `${clientId} has a new key in addition to its old keys. It now has ${tenant?.keys.length ?? before.keys.length + 1} valid keys.`;
      return `${clientId} was added${tenant === null ? '' : ` with ${portsText(tenant.quota)}${ports}`}.`;
    case 'rotate': {
      const deadline = tenant?.keys.find((key) => key.expiresAt !== null)?.expiresAt ?? null;
      const overlap = deadline === null ? '' : ` Its old keys remain valid until ${formatInstant(deadline)}.`;
      return `${clientId} has a new key.${overlap}${sessions}`;
    }
    case 'change':
      return `${clientId} now has ${portsText(action.quota)}${ports}.${lost}${sessions}`;
    case 'suspend':
      return `${clientId} is suspended; its key and ports are kept.${sessions}`;
    case 'resume':
      return `${clientId} is resumed with ${portsText(action.quota)}${ports}.${lost}`;
    case 'remove':
      return `${clientId} was removed.${sessions}`;
    case 'release':
      // Without the command's answer, it is unknown what ended the process.
      return `Process ${action.pid} ${ended === null ? 'is gone' : 'was ended'}; ${describePortHolder(action.port, tenant)}.`;
  }
}

/** `change` is the output of the appliance's command. Null if it did not arrive. */
type AnsweredChange = { prepared: PreparedChange; change: TenantChange | null; remainingFile: string | null };

/** What is known after a change. */
export type ChangeFacts = AnsweredChange & {
  /** Why a command failed or its answer did not arrive. Null if all commands succeeded. */
  failure: AppError | null;
  now: Tenant | null;
  observedAt: string;
  effect: ChangeEffect;
};

function describeOutcome(ending: ChangeFacts): string {
  const { prepared, change, failure, now, effect } = ending;
  const { action, applianceName } = prepared.plan;
  const { clientId } = action;
  const why = failure === null ? '' : `${asSentence(failure.message)} `;
  const lostKey =
    prepared.plan.printsPrivateKey && change?.privateKey === undefined
      ? ' Its private key did not arrive, and there is no other copy: rotate the key.'
      : '';
  switch (effect) {
    case 'done':
      return failure === null
        ? describeDone(prepared, { tenant: now, ended: change?.endedSessions ?? null })
        : `${why}The change was made nevertheless: ${describeDone(prepared, { tenant: now, ended: null })}${lostKey}`;
    case 'partly':
      return `${clientId} was added, but with ${portsText(now?.quota ?? 0)}: its quota could not be changed. ${why}${lostKey}`.trim();
    case 'unchanged':
      return `${why}Nothing was changed: ${applianceName} shows ${clientId} as it was before.`;
    case 'otherwise': {
      const changed = describeChanges(prepared.before, now);
      const what = changed.length === 0 ? 'it was changed' : changed.join(', ');
      return `${why}The change was not made; someone else changed ${clientId}: ${what}.`;
    }
  }
}

/** The fields of an outcome that are the same for every result. */
function outcomeFields({ prepared, change, remainingFile }: AnsweredChange) {
  return {
    endedSessions: change?.endedSessions ?? null,
    fingerprint: change?.fingerprint ?? prepared.key?.fingerprint ?? null,
    privateKey: change?.privateKey ?? null,
    leftover: remainingFile,
  };
}

/** The outcome of a change after which the appliance has listed its tenants. */
export function createOutcome(ending: ChangeFacts): TenantOutcome {
  const { failure, now, effect } = ending;
  const isDone = effect === 'done';
  return {
    state: effect === 'done' || effect === 'partly' ? effect : 'not-done',
    code: isDone ? null : (failure?.code ?? 'CONFLICT'),
    message: describeOutcome(ending),
    tenant: now,
    observedAt: ending.observedAt,
    ...outcomeFields(ending),
  };
}

/** The outcome of a change after which the appliance did not answer in time. */
export function createUnknownOutcome(
  input: AnsweredChange & { failure: AppError; waitedMs: number },
): TenantOutcome {
  const { failure } = input;
  const { applianceName, action } = input.prepared.plan;
  return {
    state: 'unknown',
    code: failure.code,
    message: `${asSentence(failure.message)} ${applianceName} did not answer again within ${Math.round(input.waitedMs / 1000)} s, so it is unknown whether ${action.clientId} was changed. The appliance’s next reply will show this.`,
    tenant: null,
    observedAt: null,
    ...outcomeFields(input),
  };
}

/** The outcome of a change whose commands ran, but whose result the console failed to find out. */
export function createUnverifiedOutcome(input: AnsweredChange & { failure: AppError }): TenantOutcome {
  const { failure } = input;
  const { applianceName, action } = input.prepared.plan;
  return {
    state: 'unknown',
    code: failure.code,
    message: `${asSentence(failure.message)} The commands were sent to ${applianceName}, but their result was not verified. Its next reply will show whether ${action.clientId} was changed.`,
    tenant: null,
    observedAt: null,
    ...outcomeFields(input),
  };
}

/** The outcome of a change whose command still runs, although the appliance answers. */
export function createHangingOutcome(
  input: AnsweredChange & { failure: AppError; now: Tenant | null; observedAt: string },
): TenantOutcome {
  const { failure, now } = input;
  const { applianceName, action } = input.prepared.plan;
  return {
    state: 'unknown',
    code: failure.code,
    message: `${asSentence(failure.message)} The command may still be running on ${applianceName} and may still change ${action.clientId}. The appliance’s next replies will show this.`,
    tenant: now,
    observedAt: input.observedAt,
    ...outcomeFields(input),
  };
}
