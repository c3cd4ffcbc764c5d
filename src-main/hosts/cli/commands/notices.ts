import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { readNotices } from '../../../base/shippedFiles.ts';
import type { Output } from '../output.ts';

/** Prints the notices of third-party software. Throws NOT_FOUND if this program was not built. */
export function printNotices(output: Output): Promise<number> {
  const text = readNotices();
  output.print({ text }, () => text.trimEnd());
  return Promise.resolve(exitCodes.done);
}
