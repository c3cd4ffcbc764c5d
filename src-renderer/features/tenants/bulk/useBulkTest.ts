import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { createSlots } from '../../../../src-shared/base/slots.ts';
import { useConsole } from '../../../rpc/client.tsx';

/** How many tunnels the page tests at the same time. The console also limits tests for each appliance. */
const testsAtOnce = 4;

type Progress = { total: number; done: number; ok: number; failed: number };

function textOf(progress: Progress | null): string {
  if (progress === null) return '';
  const { total, done, ok, failed } = progress;
  if (done < total) return `Testing ${done} of ${total}…`;
  return `${total - failed} tested, ${ok} OK${failed === 0 ? '' : `, ${failed} could not be tested`}`;
}

/** Tests tunnels from their appliances and reports how many answer. */
export function useBulkTest() {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const run = useRef(new AbortController());
  useEffect(() => {
    const current = run;
    return () => current.current.abort();
  }, []);

  const test = async (rows: readonly PortRow[], signal: AbortSignal): Promise<void> => {
    const slots = createSlots(testsAtOnce);
    const counts = { total: rows.length, done: 0, ok: 0, failed: 0 };
    setProgress({ ...counts });
    await Promise.all(
      rows.map(async ({ applianceId, clientId, port }) => {
        const release = await slots.acquire();
        try {
          if (signal.aborted) return;
          const { probed, ok } = await client.ports.probe({ applianceId, clientId, port });
          counts.ok += ok;
          if (probed === 0) counts.failed += 1;
        } catch {
          counts.failed += 1;
        } finally {
          release();
          counts.done += 1;
          if (!signal.aborted) setProgress({ ...counts });
        }
      }),
    );
    for (const queryKey of [queries.ports.detail.key(), queries.ports.list.key()])
      void queryClient.invalidateQueries({ queryKey });
  };

  return {
    text: textOf(progress),
    isRunning: progress !== null && progress.done < progress.total,
    start: (rows: readonly PortRow[]): void => {
      run.current = new AbortController();
      void test(rows, run.current.signal);
    },
  };
}
