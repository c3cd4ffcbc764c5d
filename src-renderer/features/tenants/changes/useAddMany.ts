import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type { TenantCsvRow } from '../../../../src-shared/model/tenants/tenantCsv.ts';
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
  | { phase: 'running'; rows: readonly TenantCsvRow[]; ended: readonly ShownOutcome[]; isStopping: boolean }
  | { phase: 'ended'; rows: readonly TenantCsvRow[]; ended: readonly ShownOutcome[] };

export function rowStateOf(run: ManyRun, index: number): RowState {
  if (run.phase === 'idle') return { state: 'waiting' };
  const outcome = run.ended[index];
  if (outcome !== undefined) return { state: 'ended', outcome };
  if (run.phase === 'ended') return { state: 'not-begun' };
  return index === run.ended.length ? { state: 'running' } : { state: 'waiting' };
}

type Request = { applianceId: string; reason: string; rows: readonly TenantCsvRow[] };

/** A row that was refused on purpose or never sent is not done; of one whose answer was lost nothing is known. */
function thrownOutcome(thrown: unknown): ShownOutcome {
  if (!isRefusal(thrown)) return lostOutcome(thrown);
  const { code, message } = toErrorData(thrown);
  return { ...lostOutcome(thrown), state: 'not-done', code, message };
}

/**
 * Adds tenants one after the other; ends at the first that fails, or after the one that runs when told to stop. Each
 * row is a call of its own, so that the outcome of the last is still told.
 */
export function useAddMany() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  const [run, setRun] = useState<ManyRun>({ phase: 'idle', refusal: null });
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => () => stopper.current?.abort(), []);

  const addOne = async (request: Request, row: TenantCsvRow): Promise<ShownOutcome> => {
    const { applianceId, reason } = request;
    const { clientId, publicKey, quota } = row;
    const events = await client.tenants.addMany({
      applianceId,
      reason,
      rows: [{ clientId, publicKey, quota }],
    });
    for await (const { outcome } of events) {
      const { privateKey: _, ...shown } = outcome;
      return shown;
    }
    return lostOutcome(null);
  };

  const follow = async (request: Request, stop: AbortSignal): Promise<void> => {
    const { rows } = request;
    const ended: ShownOutcome[] = [];
    for (const row of rows) {
      if (stop.aborted) break;
      try {
        ended.push(await addOne(request, row));
      } catch (thrown) {
        if (ended.length === 0 && isRefusal(thrown)) {
          setRun({ phase: 'idle', refusal: toErrorData(thrown) });
          return;
        }
        ended.push(thrownOutcome(thrown));
      }
      if (ended.at(-1)?.state !== 'done') break;
      setRun({ phase: 'running', rows, ended: [...ended], isStopping: stop.aborted });
    }
    setRun({ phase: 'ended', rows, ended });
    for (const queryKey of [queries.tenants.key(), queries.ports.key(), queries.fleet.overview.key()])
      void queryClient.invalidateQueries({ queryKey });
  };

  return {
    run,
    start: (request: Request): void => {
      const stop = new AbortController();
      stopper.current = stop;
      setRun({ phase: 'running', rows: request.rows, ended: [], isStopping: false });
      void follow(request, stop.signal);
    },
    stop: (): void => {
      stopper.current?.abort();
      setRun((now) => (now.phase === 'running' ? { ...now, isStopping: true } : now));
    },
    reset: (): void => setRun({ phase: 'idle', refusal: null }),
  };
}
