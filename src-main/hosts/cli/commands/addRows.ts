import { AppError } from '../../../../src-shared/errors.ts';
import type { TenantCsvRow } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import type { TenantAction, TenantOutcome } from '../../../../src-shared/model/tenants/tenantPlan.ts';

type AddedRow = { index: number; clientId: string; outcome: TenantOutcome };

/** The outcome of a row for an error that was thrown before anything was changed. */
function refusedOutcome(refusal: AppError): TenantOutcome {
  return {
    state: 'not-done',
    code: refusal.code,
    message: refusal.message,
    tenant: null,
    observedAt: null,
    endedSessions: null,
    fingerprint: null,
    privateKey: null,
    leftover: null,
  };
}

/**
 * Adds the rows in order. Stops after a row that fails, or when `signal` aborts; the current row is still
 * finished. Throws errors of `apply` that are no AppError.
 */
export async function addRows(input: {
  rows: readonly Pick<TenantCsvRow, 'clientId' | 'publicKey' | 'quota'>[];
  apply: (action: TenantAction) => Promise<TenantOutcome>;
  signal: AbortSignal;
  onResult: (result: AddedRow) => void;
}): Promise<AddedRow[]> {
  const results: AddedRow[] = [];
  for (const [index, { clientId, publicKey, quota }] of input.rows.entries()) {
    if (input.signal.aborted) break;
    const key = { from: 'given', publicKey } as const;
    const outcome = await input.apply({ kind: 'add', clientId, key, quota }).catch((thrown: unknown) => {
      if (thrown instanceof AppError) return refusedOutcome(thrown);
      throw thrown;
    });
    const result = { index, clientId, outcome };
    results.push(result);
    input.onResult(result);
    if (outcome.state !== 'done') break;
  }
  return results;
}
