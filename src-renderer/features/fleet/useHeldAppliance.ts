import { useEffect } from 'react';
import { systemClock } from '../../../src-shared/base/clock.ts';
import { connectModes } from '../../../src-shared/model/appliance/connectModes.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { useConsole } from '../../rpc/client.tsx';
import { useApplianceByName } from './queries.ts';

/** How long to wait before the console is asked again, after it was restarted. */
const retryMs = 3 * secondMs;

/** Keeps an appliance that connects on demand connected while its page is shown. Null if the page is of none. */
export function useHeldAppliance(name: string | null): void {
  const { client } = useConsole();
  const entry = useApplianceByName(name ?? '').data?.entry;
  const id = entry === undefined || connectModes[entry.connect].isForFleet ? null : entry.id;
  useEffect(() => {
    if (id === null) return;
    const abort = new AbortController();
    const { signal } = abort;
    const hold = async (): Promise<void> => {
      while (!signal.aborted) {
        try {
          const looks = await client.fleet.look({ id }, { signal });
          for await (const _ of looks);
        } catch {
          // The banner shows that the console is away.
        }
        if (!signal.aborted) await systemClock.sleep(retryMs, signal);
      }
    };
    void hold();
    return () => abort.abort();
  }, [client, id]);
}
