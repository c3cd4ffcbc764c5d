import { AppError } from '../../../src-shared/errors.ts';

export function storeInUse(): AppError {
  return new AppError('LOG_STORE_IN_USE', 'Another program keeps the logs of this data folder.');
}
