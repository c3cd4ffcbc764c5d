import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { AppError, toErrorData } from '../../../../src-shared/errors.ts';
import { logStoreError, openLogReader } from '../database.ts';
import { createBlockReader } from '../read/blockReader.ts';
import { createScanner, type Scanner } from '../search/scanner.ts';
import { scanRequestSchema, type ScanReply, type ScanRequest } from './scanProtocol.ts';

/** Entry of a thread that scans blocks. `scanThreads.ts` starts it and sends one unit at a time. */
const { folder } = z.object({ folder: z.string() }).parse(workerData);
const { sqlite, hashKey } = openLogReader(folder);
const reader = createBlockReader(sqlite);
const scanners = new Map<string, Scanner>();

function scan(request: Extract<ScanRequest, { id: number }>): ScanReply {
  const { id, search } = request;
  try {
    const scanner = scanners.get(search);
    if (scanner === undefined) throw new AppError('CANCELLED', 'The search was cancelled.');
    return request.kind === 'page'
      ? { id, page: scanner.page(request.unit, request.limit) }
      : { id, count: scanner.count(request.units, request.wanted) };
  } catch (thrown) {
    return { id, error: toErrorData(logStoreError(thrown)) };
  }
}

parentPort?.on('message', (message: unknown) => {
  const request = scanRequestSchema.parse(message);
  if (request.kind === 'open') scanners.set(request.search, createScanner(reader, request.spec, hashKey));
  else if (request.kind === 'close') scanners.delete(request.search);
  else parentPort?.postMessage(scan(request), []);
});
parentPort?.postMessage({ isReady: true }, []);
