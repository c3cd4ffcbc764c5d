import { randomBytes } from 'node:crypto';
import { AppError } from '../../src-shared/errors.ts';
import type { Links } from '../links/links.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import { callEvery } from '../../src-shared/node/callEvery.ts';
import { minuteMs } from '../../src-shared/base/time.ts';

/**
 * After this time, no other process uses a file any more, because no change takes that long. Before, another
 * console with the same data folder may use it **[ours]**.
 */
const abandonedAfterMs = 3 * minuteMs;
const lookAgainMs = minuteMs;

/**
 * Creates and deletes temporary files on appliances. A file is recorded before it is created, so that it is
 * deleted later even if the link was cut or the console was killed.
 */
export type TemporaryFiles = {
  /**
   * Returns a random path in the login user's home folder. Creates no file. Rejects with UPLOAD_FAILED.
   */
  newPath: (applianceId: string, suffix: string) => Promise<string>;
  /**
   * Writes `content` to a new file (0600) at `path`, runs `work`, and always deletes the file. Rejects like
   * `work`, or with UPLOAD_FAILED or the session's errors if the file could not be written.
   */
  withFile: <Result>(
    request: { applianceId: string; path: string; content: Buffer },
    work: () => Promise<Result>,
  ) => Promise<Result>;
  /** Deletes the files that remain on an appliance if its link is up. Never rejects. */
  sweep: (applianceId: string) => Promise<void>;
  isRemaining: (applianceId: string, path: string) => boolean;
  close: () => void;
};

export function createTemporaryFiles(options: {
  store: Store;
  links: Pick<Links, 'of' | 'state' | 'onChange'>;
  clock: () => number;
  log: Log;
}): TemporaryFiles {
  const { store, links, clock, log } = options;
  const inUse = new Set<string>();
  /**
   * Files that this process has created. They are deleted without waiting, because no other process uses
   * them.
   */
  const ownFiles = new Set<string>();
  let closed = false;

  const rows = (applianceId: string) =>
    store.all(
      store.query
        .selectFrom('remoteLeftover')
        .select(['path', 'madeAt'])
        .where('applianceId', '=', applianceId),
    );

  function recordFile(applianceId: string, path: string): void {
    const madeAt = new Date(clock()).toISOString();
    store.writeDurably(() => {
      store.run(store.query.insertInto('remoteLeftover').values({ applianceId, path, madeAt }));
    });
  }

  async function remove(applianceId: string, path: string): Promise<void> {
    await links.of(applianceId).session.files((files) => files.remove(path));
    store.run(
      store.query
        .deleteFrom('remoteLeftover')
        .where('applianceId', '=', applianceId)
        .where('path', '=', path),
    );
    ownFiles.delete(path);
  }

  async function sweep(applianceId: string): Promise<void> {
    try {
      for (const { path, madeAt } of rows(applianceId)) {
        const isAbandoned = ownFiles.has(path) || clock() - Date.parse(madeAt) >= abandonedAfterMs;
        if (closed || inUse.has(path) || !isAbandoned) continue;
        if (links.state(applianceId).state === 'connected') await remove(applianceId, path);
      }
    } catch (thrown) {
      if (!closed)
        log.warn({ err: thrown, applianceId }, 'could not delete temporary files on the appliance yet');
    }
  }

  const stopListening = links.onChange((applianceId, state) => {
    if (state.state === 'connected') void sweep(applianceId);
  });
  const stopTimer = callEvery({
    everyMs: lookAgainMs,
    work: () => {
      const ids = store.all(store.query.selectFrom('remoteLeftover').select('applianceId').distinct());
      for (const { applianceId } of ids) void sweep(applianceId);
    },
    onError: (thrown) => log.warn({ err: thrown }, 'could not look for temporary files on appliances'),
  });

  return {
    newPath: async (applianceId, suffix) => {
      const home = await links.of(applianceId).session.files((files) => files.realPath('.'));
      if (!home.startsWith('/'))
        throw new AppError('UPLOAD_FAILED', 'The appliance names no home folder of the login user.');
      const name = `.sallyport-${randomBytes(16).toString('hex')}${suffix}`;
      return `${home === '/' ? '' : home}/${name}`;
    },
    withFile: async ({ applianceId, path, content }, work) => {
      inUse.add(path);
      ownFiles.add(path);
      try {
        recordFile(applianceId, path);
        await links.of(applianceId).session.files((files) => files.create(path, content));
        return await work();
      } finally {
        inUse.delete(path);
        await sweep(applianceId);
      }
    },
    sweep,
    isRemaining: (applianceId, path) => rows(applianceId).some((row) => row.path === path),
    close: () => {
      closed = true;
      stopTimer();
      stopListening();
    },
  };
}
