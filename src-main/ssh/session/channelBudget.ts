import { createSlots, type ReleaseSlot } from '../../../src-shared/base/slots.ts';

/** Stock sshd allows ten session channels per connection. Two are left free for other uses **[ours]**. */
const maxChannels = 8;
/**
 * At most this many channels are used by commands that run without end, so that a short command always finds
 * a channel **[ours]**.
 */
const maxStreams = 5;
/** A server also refuses a channel for a moment after another was closed, so one refusal proves nothing. */
const minRefusals = 3;

/**
 * Shares the session channels of a connection. Learns from refusals how many the server allows (MaxSessions
 * of sshd). Commands come first: if the limit is used up by channels that can be opened again, such as a tail
 * of the log, one of them is closed.
 */
export function createChannelBudget(options: { onLimit: (limit: number) => void }) {
  const channels = createSlots(maxChannels);
  const streams = createSlots(maxStreams);
  const yielding = new Set<() => void>();
  let limit = maxChannels;
  let opening = 0;
  /** The highest number of channels that were open at the same time: the server allows at least these. */
  let highest = 1;
  let waitingCommands = 0;

  function learnLimit(): void {
    if (highest >= limit) return;
    limit = highest;
    channels.setLimit(limit);
    streams.setLimit(Math.min(maxStreams, Math.max(1, limit - 1)));
    options.onLimit(limit);
  }

  /** Closes the newest channel that can be opened again, so that a log is followed on if SFTP can yield. */
  function yieldChannel(): void {
    const close = [...yielding].at(-1);
    if (close === undefined) return;
    yielding.delete(close);
    close();
  }

  function yieldToCommand(): void {
    if (waitingCommands > 0 && channels.inUse() >= limit && yielding.size >= limit) yieldChannel();
  }

  return {
    streams,
    limit: () => limit,
    /** Whether the server allows fewer sessions than this program would use. */
    isLimited: () => limit < maxChannels,
    /** Waits for a slot. A command closes a yielding channel if these use up all that the server allows. */
    acquire: async (lost: AbortSignal, kind: 'command' | 'stream'): Promise<ReleaseSlot> => {
      if (kind === 'stream') return channels.acquire(lost);
      waitingCommands += 1;
      try {
        yieldToCommand();
        return await channels.acquire(lost);
      } finally {
        waitingCommands -= 1;
      }
    },
    /** Registers an open channel that can be closed and opened again at any time. */
    addYielding: (close: () => void): (() => void) => {
      yielding.add(close);
      // A command may have begun to wait while this channel was being opened.
      queueMicrotask(yieldToCommand);
      return () => yielding.delete(close);
    },
    /**
     * Opens a channel in a slot. If the server refuses it again and again while others are open, learns the
     * limit and throws the refusal; the caller then waits for its turn.
     */
    open: async <Channel>(open: (onRefused: () => boolean) => Promise<Channel>): Promise<Channel> => {
      let refusals = 0;
      opening += 1;
      try {
        const channel = await open(() => {
          refusals += 1;
          const openCount = channels.inUse() - opening;
          if (refusals < minRefusals || openCount < 1) return false;
          learnLimit();
          if (yielding.size >= limit) yieldChannel();
          return true;
        });
        highest = Math.max(highest, channels.inUse() - opening + 1);
        return channel;
      } finally {
        opening -= 1;
      }
    },
    /** For a new connection: nothing is known about its server. */
    reset: (): void => {
      limit = maxChannels;
      highest = 1;
      channels.setLimit(limit);
      streams.setLimit(maxStreams);
      yielding.clear();
    },
  };
}

export type ChannelBudget = ReturnType<typeof createChannelBudget>;
