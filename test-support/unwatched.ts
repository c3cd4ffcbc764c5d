import { AppError } from '../src-shared/errors.ts';
import type { Driver } from '../src-main/driver/driver.ts';

/** `watch` of an appliance whose kit has no such command. */
export const unwatched: Driver['watch'] = async function* unwatched() {
  throw new AppError('COMMAND_MISSING', 'The appliance has no ke_watch.');
};
