import { isUtf8 } from 'node:buffer';

/**
 * Of an output that is not UTF-8, only this much is read, because replacing invalid bytes is slow. No answer in
 * JSON is invalid, and the end of a log is shorter **[ours]**.
 */
const maxInvalidBytes = 4 * 1024 * 1024;

/** The output of a command: its text, or the bytes of a long one in shared memory. */
export type CommandOutput = string | Uint8Array;

/** The output of a command as text. Never blocks for longer than about 100 ms, whatever it contains. */
export function decodeOutput(output: CommandOutput): string {
  if (typeof output === 'string') return output;
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const isWhole = bytes.length <= maxInvalidBytes || isUtf8(bytes);
  return (isWhole ? bytes : bytes.subarray(0, maxInvalidBytes)).toString('utf8');
}

/** The first `maxLength` characters of an output. Does not decode the rest or keep it in memory. */
export function decodeBeginning(output: CommandOutput, maxLength: number): string {
  const bytes = typeof output === 'string' ? Buffer.from(output.slice(0, maxLength)) : output;
  return decodeOutput(bytes.subarray(0, maxLength * 4))
    .slice(0, maxLength)
    .toWellFormed();
}
