import { parseArgs } from 'node:util';
import packageFile from '../../package.json' with { type: 'json' };
import { buildWhereStale } from '../build.ts';
import { debArchitectures } from './debFile.ts';
import type { DebTarget } from './debRoot.ts';
import { debNames, packDeb } from './packDebs.ts';

const usage = `npm run deb [-- --arch x64|arm64]…
  makes the Debian packages sallyport and sallyport-appliance in out/deb (default: for both architectures)`;

const isArch = (name: string): name is DebTarget['arch'] => Object.hasOwn(debArchitectures, name);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', multiple: true, default: Object.keys(debArchitectures) },
      help: { type: 'boolean', default: false },
    },
  });
  const arches = values.arch.filter(isArch);
  if (values.help || arches.length < values.arch.length) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  for (const target of ['console', 'kit', 'man'] as const) await buildWhereStale(target);
  for (const arch of arches)
    for (const name of debNames) {
      // Compressing takes a minute or more, depending on the computer.
      process.stderr.write(`Packing ${name} for ${debArchitectures[arch]}…\n`);
      console.log(
        await packDeb(name, { target: { arch, version: packageFile.version }, outputFolder: 'out/deb' }),
      );
    }
  return 0;
}

process.exitCode = await main();
