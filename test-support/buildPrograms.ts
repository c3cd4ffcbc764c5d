import { buildWhereStale } from '../scripts/build.ts';

/** Builds the programs that integration tests run, unless they are up to date. */
export async function setup(): Promise<void> {
  await buildWhereStale('console');
  await buildWhereStale('kit');
}
