import type { TargetMessage } from '../../../src-shared/model/notifications/targetMessage.ts';

/** Sends messages to one target. */
export type TargetSender = {
  /**
   * Resolves when the target took all messages, or, if its protocol confirms nothing, when they were handed over. Rejects
   * with DESTINATION_UNREACHABLE, or with DESTINATION_REFUSED if trying again alone does not help. When `signal` aborts, ends
   * what it has begun; what the target took of it is unknown then.
   */
  send: (messages: readonly TargetMessage[], signal: AbortSignal) => Promise<void>;
  /** Ends the connection. The next `send` makes another. */
  close: () => void;
};
