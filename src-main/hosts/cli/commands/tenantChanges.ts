import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { reasonSchema } from '../../../../src-shared/model/audit/reason.ts';
import { AppError, exitCodeOf } from '../../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { maxPublicKey } from '../../../../src-shared/model/tenants/publicKey.ts';
import type { Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import {
  tenantActionSchema,
  type TenantAction,
  type TenantOutcome,
} from '../../../../src-shared/model/tenants/tenantPlan.ts';
import type { Services } from '../../../services.ts';
import { askLine, assertConfirmed } from '../confirm.ts';
import { linkError } from '../../../ssh/session/linkError.ts';
import { readTextFile } from '../files.ts';
import { formatValue } from '../output.ts';
import { planText } from '../planText.ts';
import { openPrivateKeyOut, type PrivateKeyOut } from '../privateKeyOut.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

/** The options of all commands that change a tenant, as commander reads them. */
export type ChangeOptions = {
  pubKey?: string;
  generate?: boolean;
  privateKeyOut?: string;
  quota?: number;
  overlapHours?: number;
  pid?: number;
  reason?: string;
  confirm?: string;
  yes?: boolean;
};
export type ChangeRequest = {
  kind: TenantAction['kind'];
  appliance: string;
  clientId: string;
  /** The new quota for `change`, or the port for `release`. */
  number?: number | undefined;
  options: ChangeOptions;
};

async function keyOf({ pubKey, generate }: ChangeOptions): Promise<unknown> {
  if ((pubKey === undefined) !== (generate === true))
    throw new AppError('INVALID_INPUT', 'Use either --pub-key FILE or --generate.');
  if (pubKey === undefined) return { from: 'generated' };
  return { from: 'given', publicKey: readTextFile(pubKey, maxPublicKey) };
}

function quotaBefore(services: Services, entry: ApplianceEntry, request: ChangeRequest): number {
  const quota = request.options.quota ?? services.tenants.quotaBefore(entry.id, request.clientId);
  if (quota !== null) return quota;
  throw new AppError(
    'INVALID_INPUT',
    `This console does not know the quota that the suspended tenant had: ${JSON.stringify(request.clientId)}. Add --quota N.`,
  );
}

/** Reads the tenants from the appliance now. Throws if the appliance does not answer. */
export async function fetchTenants(services: Services, entry: ApplianceEntry): Promise<readonly Tenant[]> {
  const refused = await services.fleet.refresh([entry.id]);
  const error = linkError(entry, services.links.state(entry.id)) ?? refused.get(entry.id);
  if (error !== undefined) throw error;
  return services.fleet.networks(entry.id);
}

async function holderOf(services: Services, entry: ApplianceEntry, request: ChangeRequest): Promise<number> {
  const { clientId, number: port } = request;
  const tenant = (await fetchTenants(services, entry)).find((candidate) => candidate.clientId === clientId);
  if (tenant === undefined)
    throw new AppError('NOT_FOUND', `${entry.name} has no tenant ${JSON.stringify(clientId)}.`);
  const pid = tenant.forwards.find((forward) => forward.port === port)?.listener?.pid;
  if (pid == null)
    throw new AppError('NOT_FOUND', `No known process holds port ${port ?? ''} of ${clientId}.`);
  return pid;
}

async function actionOf(
  services: Services,
  entry: ApplianceEntry,
  request: ChangeRequest,
): Promise<TenantAction> {
  const { kind, clientId, number, options } = request;
  const parts = async (): Promise<Record<string, unknown>> => {
    switch (kind) {
      case 'add':
        return { key: await keyOf(options), quota: options.quota ?? null };
      case 'rotate':
        return { key: await keyOf(options), overlapHours: options.overlapHours ?? null };
      case 'change':
        return { quota: number };
      case 'resume':
        return { quota: quotaBefore(services, entry, request) };
      case 'release':
        return { port: number, pid: options.pid ?? (await holderOf(services, entry, request)) };
      case 'suspend':
      case 'remove':
        return {};
    }
  };
  const parsed = tenantActionSchema.safeParse({ kind, clientId, ...(await parts()) });
  if (parsed.success) return parsed.data;
  throw new AppError(
    'INVALID_INPUT',
    parsed.error.issues[0]?.message ?? 'These options can’t be used with this command.',
  );
}

/** Prints the plan of a change. Changes nothing. */
export function planTenantChange(globals: Globals, request: ChangeRequest): Promise<number> {
  return withConsole(globals, async (services) => {
    const entry = findAppliance(services, request.appliance);
    const action = await actionOf(services, entry, request);
    const plan = await services.tenants.plan({ applianceId: entry.id, action });
    globals.output.print(plan, () => planText(plan));
    return exitCodes.done;
  });
}

export function readReason(reason: string | undefined): string {
  const parsed = reasonSchema.safeParse(reason);
  if (parsed.success) return parsed.data;
  throw new AppError('INVALID_INPUT', 'Add a reason of 1 to 500 characters: --reason TEXT.');
}

export function exitCodeOfOutcome(outcome: TenantOutcome): number {
  return outcome.state === 'done' ? exitCodes.done : exitCodeOf(outcome.code ?? 'INTERNAL');
}

async function report(globals: Globals, outcome: TenantOutcome, keyOut: PrivateKeyOut | null): Promise<void> {
  const { privateKey } = outcome;
  if (privateKey !== null) await keyOut?.write(privateKey);
  const isInFile = keyOut?.path != null;
  const { output } = globals;
  const printed = isInFile
    ? { ...outcome, privateKey: null, privateKeyFile: privateKey === null ? null : keyOut.path }
    : outcome;
  if (outcome.leftover !== null)
    output.printError(`sallyport: ${outcome.leftover} is not deleted yet. The console tries again.`);
  if (output.json) {
    output.print(printed, () => '');
    return;
  }
  // Print only the key on standard output, so that `… > key` writes a usable file, as with the appliance's
  // own command [doc].
  if (privateKey !== null && !isInFile) {
    output.printError(outcome.message);
    output.text(privateKey.trimEnd());
  } else if (outcome.state === 'done') output.text(formatValue(outcome.message));
  else output.printError(`sallyport: ${formatValue(outcome.message)} (${outcome.code ?? outcome.state})`);
}

/** Shows the plan, asks for confirmation, applies the change and prints the result. */
export function applyTenantChange(globals: Globals, request: ChangeRequest): Promise<number> {
  return withConsole(globals, async (services) => {
    const { options } = request;
    const reason = readReason(options.reason);
    const entry = findAppliance(services, request.appliance);
    const action = await actionOf(services, entry, request);
    const plan = await services.tenants.plan({ applianceId: entry.id, action });
    if (!globals.output.json) globals.output.printError(`${planText(plan)}\n`);
    const typedName = await confirmed(plan.confirmName, options);
    const keyOut = plan.printsPrivateKey ? await openPrivateKeyOut(options.privateKeyOut) : null;
    try {
      const { basis } = plan;
      const outcome = await services.tenants.apply({
        applianceId: entry.id,
        action,
        basis,
        reason,
        typedName,
      });
      await report(globals, outcome, keyOut);
      return exitCodeOfOutcome(outcome);
    } finally {
      await keyOut?.close();
    }
  });
}

/**
 * Asks for confirmation. Returns the tenant name that the user typed if the plan requires it, otherwise null.
 */
async function confirmed(confirmName: string | null, options: ChangeOptions): Promise<string | null> {
  if (confirmName === null) {
    await assertConfirmed(options.yes === true);
    return null;
  }
  if (options.confirm !== undefined) return options.confirm;
  const typed = await askLine(`This can’t be undone. Type ${confirmName} to continue: `);
  if (typed !== null) return typed;
  throw new AppError('INVALID_INPUT', `Nothing was changed. Confirm with --confirm ${confirmName}.`);
}
