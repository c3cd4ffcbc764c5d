import { z } from 'zod';
import { maxQueryLength } from './query/logQuery.ts';
import { lineAddressSchema, lineKeySchema } from './keptLine.ts';

/** How much the console keeps **[ours]**. */
export const maxSavedFilters = 200;
export const maxBookmarks = 1000;

export const savedFilterSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  query: z.string().trim().min(1).max(maxQueryLength),
});
export type SavedFilter = z.infer<typeof savedFilterSchema>;

/** A line that an operator marked. `text` is its start, to recognise it after it was removed. */
export const bookmarkSchema = z.strictObject({
  ...lineAddressSchema.shape,
  key: lineKeySchema,
  applianceId: z.uuid(),
  text: z.string().max(500),
  note: z.string().trim().max(500),
});
export type Bookmark = z.infer<typeof bookmarkSchema>;

/** What operators keep about the logs. `lastLooked` is the newest line that was shown. */
export const logNotesSchema = z.strictObject({
  filters: z.array(savedFilterSchema).max(maxSavedFilters).default([]),
  bookmarks: z.array(bookmarkSchema).max(maxBookmarks).default([]),
  lastLooked: lineKeySchema.nullable().default(null),
});
export type LogNotes = z.infer<typeof logNotesSchema>;
