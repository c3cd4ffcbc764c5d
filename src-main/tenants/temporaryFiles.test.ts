import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { createLog } from '../base/log.ts';
import { openStore } from '../store/store.ts';
import { createTemporaryFiles } from './temporaryFiles.ts';

afterEach(() => vi.useRealTimers());

test('when the data folder can’t be read for a moment, the console continues', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-leftovers-'));
  const store = openStore({ folder });
  const log = createLog({ level: 'silent' });
  const links = {
    of: () => {
      throw new AppError('NOT_FOUND', 'No appliance here.');
    },
    state: () => ({ state: 'idle', since: '2026-11-20T12:00:00.000Z' }) as const,
    onChange: () => () => undefined,
  };
  const leftovers = createTemporaryFiles({ store, links, clock: () => 0, log });
  const warn = vi.spyOn(log, 'warn');
  const read = vi.spyOn(store, 'all').mockImplementationOnce(() => {
    throw new AppError('STORE_FAILED', 'The data folder could not be used: disk I/O error');
  });
  vi.advanceTimersByTime(60_000);
  expect(warn).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(60_000);
  expect(warn).toHaveBeenCalledOnce();
  expect(read).toHaveBeenCalledTimes(2);
  leftovers.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});
