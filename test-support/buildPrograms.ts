import type { TestProject } from 'vitest/node';
import { buildWhereStale } from '../scripts/build.ts';
import { buildKitBundle, shareKitBundle } from './kitBundle.ts';

/** Builds the programs that integration tests run, unless they are up to date. */
export async function setup({ config }: TestProject): Promise<void> {
  await buildWhereStale('console');
  // While sources are watched, each test file looks whether they have changed.
  await (config.watch ? buildKitBundle() : shareKitBundle());
}
