import { secondMs } from '../../../src-shared/base/time.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

/** How long to retry if the server refuses a channel, and the pause between attempts **[ours]**. */
const channelPatienceMs = 3 * secondMs;
/** The same if it opens the channel but starts nothing in it, as Dropbear does just after another one closed. */
const requestPatienceMs = secondMs;
const retryMs = 100;

/** ssh2's errors if the server refuses to start something in an open channel. It has run nothing then. */
const refusedRequest = /^Unable to (?:exec|start subsystem)/u;

/** What a server refused: a channel, or to start a program in it. Null for any other error. */
export function findRefusal(error: unknown): 'channel' | 'request' | null {
  if (!(error instanceof Error)) return null;
  if ('reason' in error && systemErrorCode(error) === null) return 'channel';
  return refusedRequest.test(error.message) ? 'request' : findRefusal(error.cause);
}

/**
 * Opens a channel, and again if the server refuses it: sshd refuses for a moment after another channel was
 * closed. Nothing has run in a refused channel, so it is safe to retry. `onRefused` is called after each
 * refusal of a channel; if it returns true, there is no retry.
 */
export async function openPatiently<Channel>(
  open: () => Promise<Channel>,
  onRefused: () => boolean = () => false,
): Promise<Channel> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const refusal = findRefusal(error);
      const patienceMs = refusal === 'channel' ? channelPatienceMs : requestPatienceMs;
      if (refusal === null || performance.now() - startedAt >= patienceMs) throw error;
      if (refusal === 'channel' && onRefused()) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}
