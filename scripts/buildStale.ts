import { buildWhereStale } from './build.ts';

for (const target of ['console', 'kit'] as const) {
  const built = await buildWhereStale(target);
  console.log(`${target}: ${built ? 'built' : 'fresh'}`);
}
