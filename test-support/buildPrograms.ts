import type { TestProject } from 'vitest/node';
import { buildWhereStale } from '../scripts/build.ts';
import { buildKitBundle, shareKitBundle } from './kitBundle.ts';

/**
 * Builds what integration tests run and pack, unless it is up to date. Not in the tests, which run at the same time: one would
 * replace files that another one packs.
 */
export async function setup({ config }: TestProject): Promise<void> {
  await buildWhereStale('console');
  await buildWhereStale('man');
  // While sources are watched, each test file looks whether they have changed.
  await (config.watch ? buildKitBundle() : shareKitBundle());
}
