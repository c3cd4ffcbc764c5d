import type { ExportedLine } from '../../../src-shared/model/syslog/export/exportedLine.ts';

/** Lines that the receiver took note of and does not want, which must not be sent again. */
export type RefusedLines = { count: number; reason: string };
export const nothingRefused: RefusedLines = { count: 0, reason: '' };

/** Sends lines to one destination. */
export type LogSender = {
  /**
   * Resolves when the receiver confirmed all lines, or, if its protocol confirms nothing, when all were handed to the
   * network. Rejects with DESTINATION_UNREACHABLE, or with DESTINATION_REFUSED if the receiver refuses all.
   */
  send: (lines: readonly ExportedLine[]) => Promise<RefusedLines>;
  /** Ends the connection. The next `send` makes another. */
  close: () => void;
};
