import { useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type { TenantAction, TenantPlan } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { useUnsavedKey } from '../../../state/unsavedKeys.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { thrownOutcome } from '../changes/useAddMany.ts';
import { type ShownOutcome, useRereadTenants } from '../changes/useChange.ts';
import type { BulkRequest, BulkTenant } from './bulkRequest.ts';

export type PlannedRow = { tenant: BulkTenant; action: TenantAction; plan: TenantPlan };
export type RefusedRow = { tenant: BulkTenant; error: Pick<ErrorData, 'code' | 'message'> };

/**
 * `key`: the private key generated for the row just finished. The run continues after the user saves it.
 */
export type BulkStep =
  | { step: 'idle' }
  | { step: 'planning'; done: number }
  | { step: 'planned'; rows: readonly PlannedRow[]; refused: readonly RefusedRow[] }
  | {
      step: 'running' | 'ended';
      rows: readonly PlannedRow[];
      outcomes: readonly ShownOutcome[];
      key: string | null;
      isStopping: boolean;
    };

type ConsoleClient = ReturnType<typeof useConsole>['client'];
/**
 * Reads the tenants of one appliance, once for all rows that need them. The list of all appliances shows a
 * cluster's tenant at one member only.
 */
type ReadTenants = (applianceId: string) => ReturnType<ConsoleClient['tenants']['list']>;

function toRefusedRow(tenant: BulkTenant, code: ErrorData['code'], message: string): RefusedRow {
  return { tenant, error: { code, message } };
}

/** The action for one tenant. A resumed tenant gets its earlier quota back. */
async function actionOf(
  readTenants: ReadTenants,
  { kind }: BulkRequest,
  { applianceId, clientId }: BulkTenant,
  overlapHours: number,
): Promise<TenantAction | null> {
  if (kind === 'suspend') return { kind, clientId };
  if (kind === 'rotate') return { kind, clientId, key: { from: 'generated' }, overlapHours };
  const { tenants } = await readTenants(applianceId);
  const quota = tenants.find(({ tenant }) => tenant.clientId === clientId)?.quotaBefore ?? null;
  return quota === null ? null : { kind, clientId, quota };
}

async function planRow(
  client: ConsoleClient,
  readTenants: ReadTenants,
  request: BulkRequest,
  tenant: BulkTenant,
  overlapHours: number,
): Promise<PlannedRow | RefusedRow> {
  try {
    const action = await actionOf(readTenants, request, tenant, overlapHours);
    if (action === null)
      return toRefusedRow(
        tenant,
        'INVALID_INPUT',
        'The quota before suspension is unknown. Resume this tenant separately.',
      );
    const { plan } = await client.tenants.plan({ applianceId: tenant.applianceId, action });
    if (plan.confirmName !== null)
      return toRefusedRow(
        tenant,
        'INVALID_INPUT',
        'This change must be confirmed by typing the client ID. Change this tenant separately.',
      );
    return { tenant, action, plan };
  } catch (thrown) {
    return { tenant, error: toErrorData(thrown) };
  }
}

async function applyRow(client: ConsoleClient, { tenant, action, plan }: PlannedRow, reason: string) {
  try {
    const { applianceId } = tenant;
    const answer = await client.tenants.apply({
      applianceId,
      action,
      basis: plan.basis,
      reason,
      typedName: null,
    });
    const { privateKey, ...outcome } = answer.outcome;
    return { outcome, privateKey };
  } catch (thrown) {
    return { outcome: thrownOutcome(thrown), privateKey: null };
  }
}

/**
 * Changes several tenants: plans all, then runs one after the other until one fails. The console plans,
 * audits and verifies each as a single change. At most one private key is on the page: the next row starts
 * after the key is saved.
 */
export function useBulkChange(request: BulkRequest) {
  const { client } = useConsole();
  const reread = useRereadTenants();
  const [step, setStep] = useState<BulkStep>({ step: 'idle' });
  useUnsavedKey(step.step === 'running' && request.kind === 'rotate');
  const run = useRef(new AbortController());
  const goOn = useRef<() => void>(() => undefined);
  useEffect(() => () => run.current.abort(), []);

  const plan = async (overlapHours: number): Promise<void> => {
    const rows: PlannedRow[] = [];
    const refused: RefusedRow[] = [];
    const stop = new AbortController();
    run.current = stop;
    const lists = new Map<string, ReturnType<ReadTenants>>();
    const readTenants: ReadTenants = (applianceId) => {
      const listed = lists.get(applianceId) ?? client.tenants.list({ applianceId });
      lists.set(applianceId, listed);
      return listed;
    };
    for (const tenant of request.tenants) {
      setStep({ step: 'planning', done: rows.length + refused.length });
      const row = await planRow(client, readTenants, request, tenant, overlapHours);
      if (stop.signal.aborted) return;
      if ('plan' in row) rows.push(row);
      else refused.push(row);
    }
    setStep({ step: 'planned', rows, refused });
  };

  const follow = async (rows: readonly PlannedRow[], reason: string, stop: AbortSignal): Promise<void> => {
    const outcomes: ShownOutcome[] = [];
    const show = (now: 'running' | 'ended', key: string | null): void =>
      setStep({ step: now, rows, outcomes: [...outcomes], key, isStopping: stop.aborted });
    show('running', null);
    for (const row of rows) {
      if (stop.aborted) break;
      const { outcome, privateKey } = await applyRow(client, row, reason);
      outcomes.push(outcome);
      if (privateKey !== null) {
        show('running', privateKey);
        await new Promise<void>((resolve) => {
          goOn.current = resolve;
        });
      }
      if (outcome.state !== 'done') break;
      show('running', null);
    }
    show('ended', null);
    reread();
  };

  return {
    step,
    plan,
    apply: (rows: readonly PlannedRow[], reason: string): void => {
      const stop = new AbortController();
      run.current = stop;
      void follow(rows, reason, stop.signal);
    },
    /** Finishes the running row and starts no other. */
    stop: (): void => {
      run.current.abort();
      setStep((now) => (now.step === 'running' ? { ...now, isStopping: true } : now));
    },
    keySaved: (): void => goOn.current(),
  };
}

export type BulkChange = ReturnType<typeof useBulkChange>;
