import { isUtf8 } from 'node:buffer';

/**
 * Of an output that is not UTF-8, only this much is read, because replacing invalid bytes is slow. No answer in
 * JSON is invalid, and the end of a log is shorter **[ours]**.
 */
const maxInvalidBytes = 4 * 1024 * 1024;

/** The output of a command as text. Never blocks for long, whatever it contains. */
export function decodeOutput(output: Buffer): string {
  const isWhole = output.length <= maxInvalidBytes || isUtf8(output);
  return (isWhole ? output : output.subarray(0, maxInvalidBytes)).toString('utf8');
}
