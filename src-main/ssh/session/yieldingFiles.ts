import type { ReleaseSlot } from '../../../src-shared/base/slots.ts';
import type { RemoteFiles } from '../types.ts';
import type { ChannelBudget } from './channelBudget.ts';

type Open = { files: RemoteFiles; release: ReleaseSlot };

/**
 * SFTP that is open from the first request on, and closed between two requests if a command needs its channel.
 * The next request opens it again.
 */
export function createYieldingFiles(options: {
  budget: Pick<ChannelBudget, 'addYielding' | 'limit'>;
  open: () => Promise<Open>;
  /** Calls `release` once the channel is closed. */
  onClose: (closed: Promise<unknown>, release: () => void) => void;
}) {
  const { budget } = options;
  let current: Open | null = null;
  let stopYielding: (() => void) | null = null;

  function close(releaseMore: () => void = () => undefined): void {
    stopYielding?.();
    if (current === null) return releaseMore();
    const { files, release } = current;
    current = null;
    files.close();
    options.onClose(files.closed, () => {
      release();
      releaseMore();
    });
  }

  async function request<Value>(ask: (files: RemoteFiles) => Promise<Value>): Promise<Value> {
    stopYielding?.();
    current ??= await options.open();
    try {
      return await ask(current.files);
    } finally {
      if (budget.limit() === 1) close();
      else stopYielding = budget.addYielding(() => close());
    }
  }

  return {
    realPath: (path: string) => request((files) => files.realPath(path)),
    create: (path: string, content: Buffer) => request((files) => files.create(path, content)),
    remove: (path: string) => request((files) => files.remove(path)),
    /** Closes SFTP, and calls `release` once it is closed. */
    end: (release: () => void) => close(release),
  };
}
