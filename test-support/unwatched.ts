import { AppError } from '../src-shared/errors.ts';
import type { Driver } from '../src-main/driver/driver.ts';

const missing = () => Promise.reject(new AppError('COMMAND_MISSING', 'The appliance has no ke_watch.'));

/** `watch` of an appliance whose kit has no such command. */
export const unwatched: Driver['watch'] = () => {
  const lines: ReturnType<Driver['watch']> = {
    next: missing,
    return: missing,
    throw: missing,
    [Symbol.asyncIterator]: () => lines,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return lines;
};
