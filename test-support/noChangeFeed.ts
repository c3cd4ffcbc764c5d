import type { ChangeMarks } from '../src-main/base/changeFeed.ts';

/** For services in tests without a page that watches changes. */
export const noChangeFeed: ChangeMarks = { mark: () => undefined };
