import { useEffect, useRef, useState } from 'react';
import { errorCodes } from '../../../../src-shared/errorCodes.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type { TenantCsvRow } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { ConsoleUnreachableError, toErrorData } from '../../../rpc/errors.ts';
import { isRefusal, lostOutcome, type ShownOutcome, useRereadTenants } from './useChange.ts';

/** The state of a row. At most one row runs at a time. */
export type RowState =
  | { state: 'waiting' }
  | { state: 'running' }
  | { state: 'not-begun' }
  | { state: 'ended'; outcome: ShownOutcome };

/** `refusal`: no row was added. */
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

/** If a row was refused, its tenant was not added; if its answer was lost, the result is unknown. */
export function thrownOutcome(thrown: unknown): ShownOutcome {
  if (!isRefusal(thrown)) return lostOutcome(thrown);
  const { code, message } = toErrorData(thrown);
  return { ...lostOutcome(thrown), state: 'not-done', code, message };
}

/** No row could be added now: the console or the appliance can't be reached. */
function isUnreachable(thrown: unknown): boolean {
  if (!isRefusal(thrown)) return false;
  return (
    thrown instanceof ConsoleUnreachableError || errorCodes[toErrorData(thrown).code].isLinkProblem === true
  );
}

/**
 * Adds tenants in order until one fails. If the user asks to stop, the running row is finished, so its outcome is still
 * shown.
 */
export function useAddMany() {
  const { client } = useConsole();
  const reread = useRereadTenants();
  const [run, setRun] = useState<ManyRun>({ phase: 'idle', refusal: null });
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => () => stopper.current?.abort(), []);

  const addOne = async ({ applianceId, reason }: Request, row: TenantCsvRow): Promise<ShownOutcome> => {
    const { clientId, publicKey, quota } = row;
    const key = { from: 'given', publicKey } as const;
    const action = { kind: 'add', clientId, key, quota } as const;
    const answer = await client.tenants.apply({ applianceId, action, basis: null, reason, typedName: null });
    const { privateKey: _, ...outcome } = answer.outcome;
    return outcome;
  };

  const follow = async (request: Request, stop: AbortSignal): Promise<void> => {
    const { rows } = request;
    const ended: ShownOutcome[] = [];
    for (const row of rows) {
      if (stop.aborted) break;
      try {
        ended.push(await addOne(request, row));
      } catch (thrown) {
        if (ended.length === 0 && isUnreachable(thrown)) {
          setRun({ phase: 'idle', refusal: toErrorData(thrown) });
          return;
        }
        ended.push(thrownOutcome(thrown));
      }
      if (ended.at(-1)?.state !== 'done') break;
      setRun({ phase: 'running', rows, ended: [...ended], isStopping: stop.aborted });
    }
    setRun({ phase: 'ended', rows, ended });
    reread();
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
