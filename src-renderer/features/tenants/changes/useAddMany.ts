import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type { TenantCsvRow } from '../../../../src-shared/model/tenantCsv.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { isRefusal, lostOutcome, type ShownOutcome } from './useChange.ts';

/** How a row stands. Rows go one after the other, so that at most one runs. */
export type RowState =
  | { state: 'waiting' }
  | { state: 'running' }
  | { state: 'not-begun' }
  | { state: 'ended'; outcome: ShownOutcome };

/** `refusal`: nothing at all was done. */
export type ManyRun =
  | { phase: 'idle'; refusal: ErrorData | null }
  | { phase: 'running'; rows: readonly TenantCsvRow[]; ended: readonly ShownOutcome[] }
  | { phase: 'ended'; rows: readonly TenantCsvRow[]; ended: readonly ShownOutcome[]; wasStopped: boolean };

export function rowStateOf(run: ManyRun, index: number): RowState {
  if (run.phase === 'idle') return { state: 'waiting' };
  const outcome = run.ended[index];
  if (outcome !== undefined) return { state: 'ended', outcome };
  if (run.phase === 'ended') return { state: 'not-begun' };
  return index === run.ended.length ? { state: 'running' } : { state: 'waiting' };
}

/** Adds tenants one after the other; ends at the first that fails, or when told to stop. */
export function useAddMany() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  const [run, setRun] = useState<ManyRun>({ phase: 'idle', refusal: null });
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => () => stopper.current?.abort(), []);

  const follow = async (
    request: { applianceId: string; reason: string; rows: readonly TenantCsvRow[] },
    stop: AbortController,
  ): Promise<void> => {
    const { applianceId, reason, rows } = request;
    const ended: ShownOutcome[] = [];
    let lost: unknown = null;
    try {
      const events = await client.tenants.addMany(
        {
          applianceId,
          reason,
          rows: rows.map(({ clientId, publicKey, quota }) => ({ clientId, publicKey, quota })),
        },
        { signal: stop.signal },
      );
      for await (const { outcome } of events) {
        const { privateKey: _, ...shown } = outcome;
        ended.push(shown);
        setRun({ phase: 'running', rows, ended: [...ended] });
      }
    } catch (thrown) {
      lost = thrown;
    }
    const wasStopped = stop.signal.aborted;
    if (lost !== null && !wasStopped && ended.length === 0 && isRefusal(lost)) {
      setRun({ phase: 'idle', refusal: toErrorData(lost) });
      return;
    }
    const failed = ended.some((outcome) => outcome.state !== 'done');
    const isCut = ended.length < rows.length && !failed;
    if (isCut) {
      ended.push(
        wasStopped
          ? { ...lostOutcome(null), code: 'CANCELLED', message: 'It was running as this was stopped.' }
          : lostOutcome(lost),
      );
    }
    setRun({ phase: 'ended', rows, ended, wasStopped });
    for (const queryKey of [queries.tenants.key(), queries.ports.key(), queries.fleet.overview.key()])
      void queryClient.invalidateQueries({ queryKey });
  };

  return {
    run,
    start: (request: { applianceId: string; reason: string; rows: readonly TenantCsvRow[] }): void => {
      const stop = new AbortController();
      stopper.current = stop;
      setRun({ phase: 'running', rows: request.rows, ended: [] });
      void follow(request, stop);
    },
    stop: (): void => stopper.current?.abort(),
    reset: (): void => setRun({ phase: 'idle', refusal: null }),
  };
}
