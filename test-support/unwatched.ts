import type { ChangeMarks } from '../src-main/base/changeFeed.ts';

/** For services whose changes no page watches. */
export const unwatched: ChangeMarks = { mark: () => undefined };
