import { parseArgs } from 'node:util';
import { buildWhereStale, isBuildTarget, type BuildTarget } from './build.ts';
import { placeNodes } from './kitNode.ts';

/** `buildStale.ts [--no-download] [TARGET…]`: builds the named targets, or all of them. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'no-download': { type: 'boolean', default: false } },
});
const unknown = positionals.find((name) => !isBuildTarget(name));
if (unknown !== undefined) throw new Error(`unknown target ${unknown}`);
const all: readonly BuildTarget[] = ['console', 'kit', 'man'];
const chosen = positionals.filter(isBuildTarget);
for (const target of chosen.length === 0 ? all : chosen) {
  const built = await buildWhereStale(target);
  console.log(`${target}: ${built ? 'built' : 'fresh'}`);
  if (target === 'kit') await placeNodes({ mayDownload: !values['no-download'] });
}
