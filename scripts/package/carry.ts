import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageFile from '../../package.json' with { type: 'json' };
import { buildWhereStale } from '../build.ts';
import { debArchitectures } from './debFile.ts';
import { readSourceDate } from './debRoot.ts';
import { debNames, packDeb } from './packDebs.ts';
import { packCarry } from './packCarry.ts';
import { packForNpm } from './packForNpm.ts';

const usage = `npm run carry -- --key FILE
  writes out/sallyport-VERSION-carry.tar: Debian packages, the npm packages, desktop packages if out/dist has them, checksums, and
  a signature by the private key that npm run sign-update makes`;

const { version } = packageFile;
const desktopEnding = /\.(?:deb|rpm|AppImage|exe|dmg)$/u;

/** The desktop packages of this version that `npm run dist` has made. */
function findDesktopPackages(): string[] {
  if (!existsSync('out/dist')) return [];
  return readdirSync('out/dist')
    .filter((name) => desktopEnding.test(name) && name.includes(version))
    .map((name) => join('out/dist', name));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { key: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help || values.key === undefined) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  for (const target of ['console', 'kit', 'man'] as const) await buildWhereStale(target);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-npm-'));
  try {
    const debs: string[] = [];
    for (const arch of ['x64', 'arm64'] as const)
      for (const name of debNames) {
        process.stderr.write(`Packing ${name} for ${debArchitectures[arch]}…\n`);
        debs.push(await packDeb(name, { target: { arch, version }, outputFolder: 'out/deb' }));
      }
    const output = `out/sallyport-${version}-carry.tar`;
    mkdirSync(join(folder, 'npm'));
    packCarry({
      files: { '': [...debs, ...findDesktopPackages()], npm: packForNpm(join(folder, 'npm')) },
      keyFile: values.key,
      output,
      sourceDate: readSourceDate(),
    });
    console.log(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

process.exitCode = await main();
