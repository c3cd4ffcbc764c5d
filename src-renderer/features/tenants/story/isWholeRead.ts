import type { KeptState } from '../../../../src-shared/contract/logs.ts';

/** Whether the logs are read up to their newest lines, as far as they can be read. */
export const isWholeRead = (state: KeptState | null): boolean =>
  state?.appliances.every(({ phase, trouble }) => phase === 'following' || trouble !== null) ?? false;
