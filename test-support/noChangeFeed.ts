import type { ChangeMarks } from '../src-main/base/changeFeed.ts';

/** For services without a page that watches their changes. */
export const noChangeFeed: ChangeMarks = { mark: () => undefined };
