import { useEffect, useState } from 'react';
import type { LogTrouble } from '../../../src-shared/contract/syslog.ts';
import type { ErrorData } from '../../../src-shared/errors.ts';
import { type ConsoleClient, useConsole } from '../../rpc/client.tsx';
import { toErrorData } from '../../rpc/errors.ts';
import { type LogBuffer, maxBacklog } from './buffer.ts';
import { systemClock } from '../../../src-shared/base/clock.ts';

const retryMs = 2000;
/** One acknowledgement for this many batches. Must stay below the eight that the console sends ahead. */
const ackEvery = 4;
const interruption = 'The connection to the console was lost. Lines may be missing here.';

/** Resolves as soon as the buffer takes lines again. */
function untilRoom(buffer: LogBuffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!buffer.isFull() || signal.aborted) return resolve();
    const unsubscribe = buffer.subscribe(() => {
      if (!buffer.isFull()) done();
    });
    const done = (): void => {
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
  });
}

async function readStream({
  client,
  buffer,
  applianceIds,
  lines,
  signal,
  onBatch,
}: {
  client: ConsoleClient;
  buffer: LogBuffer;
  applianceIds: string[];
  lines: number;
  signal: AbortSignal;
  onBatch: (unreadable: LogTrouble[]) => void;
}): Promise<void> {
  const batches = await client.syslog.tail({ applianceIds, lines }, { signal });
  for await (const batch of batches) {
    onBatch(batch.unreadable);
    buffer.push(batch);
    await untilRoom(buffer, signal);
    if (signal.aborted) return;
    if (batch.batch % ackEvery === ackEvery - 1)
      await client.syslog.ack({ streamId: batch.streamId, batch: batch.batch }, { signal });
  }
}

const noTrouble: readonly LogTrouble[] = [];
type Troubles = { key: string; unreadable: readonly LogTrouble[] };

/** Most batches repeat the troubles of the batch before: the same object saves a render. */
function keepSame(current: Troubles | null, next: Troubles): Troubles {
  return current !== null && JSON.stringify(current) === JSON.stringify(next) ? current : next;
}

/** Reads the syslog of `applianceIds` into `buffer`. When the stream or the connection ends, it marks a gap and reads on. */
export function useTail({ buffer, applianceIds }: { buffer: LogBuffer; applianceIds: readonly string[] }): {
  error: ErrorData | null;
  unreadable: readonly LogTrouble[];
} {
  const { client } = useConsole();
  const [failure, setFailure] = useState<{ key: string; error: ErrorData } | null>(null);
  const [troubles, setTroubles] = useState<Troubles | null>(null);
  const key = applianceIds.join(' ');
  useEffect(() => {
    buffer.clear();
    if (key === '') return;
    const abort = new AbortController();
    const { signal } = abort;
    const run = async (): Promise<void> => {
      let hasLines = false;
      let isInterrupted = false;
      while (!signal.aborted) {
        try {
          await readStream({
            client,
            buffer,
            applianceIds: key.split(' '),
            lines: hasLines ? 0 : maxBacklog,
            signal,
            onBatch: (unreadable) => {
              setTroubles((current) => keepSame(current, { key, unreadable }));
              if (isInterrupted) buffer.interrupt(interruption);
              isInterrupted = false;
              hasLines = true;
              setFailure(null);
            },
          });
        } catch (thrown) {
          if (!signal.aborted) setFailure({ key, error: toErrorData(thrown) });
        }
        if (signal.aborted) return;
        // The mark is set when lines arrive again, so that a long interruption is one mark, not one per attempt.
        isInterrupted = hasLines;
        await systemClock.sleep(retryMs, signal);
      }
    };
    void run();
    return () => abort.abort();
  }, [buffer, client, key]);
  return {
    error: failure?.key === key ? failure.error : null,
    unreadable: troubles?.key === key ? troubles.unreadable : noTrouble,
  };
}
