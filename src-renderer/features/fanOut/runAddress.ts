import { z } from 'zod';
import { addresses } from '../../state/places.ts';
import { writeView } from '../../state/views.ts';

const text = z.string().catch('');

/** What the page shows, in its address. */
export const runView = z.object({
  /** The number of a run; empty for a new one. */
  run: text,
  /** Names of appliances for a new run, separated by commas; empty for none. */
  on: text,
  show: z.enum(['all', 'failed', 'done', 'different']).catch('all'),
  /** The name of the selected appliance; empty for the one that needs a look most. */
  appliance: text,
  sort: text,
});

export const placeOfRun = (number: number): string =>
  `${addresses.run}${writeView(runView, { run: String(number) })}`;
export const placeOfNewRun = (names: readonly string[] = []): string =>
  `${addresses.run}${writeView(runView, { on: names.join(',') })}`;
