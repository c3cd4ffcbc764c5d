import { parseArgs } from 'node:util';
import { buildWhereStale } from '../build.ts';
import type { PackageTarget } from './appFolder.ts';
import { packDesktop } from './packDesktop.ts';

const usage = `npm run dist [-- options]
  --arch x64|arm64     the architecture; may be repeated (default: both)
  --kind KIND          AppImage, deb, rpm, nsis, dmg or dir; may be repeated (default: all of this system)
  --electron-dist DIR  an unpacked Electron runtime, instead of a downloaded one
  --unsigned           don't edit or sign the Windows program`;

const isArch = (name: string): name is PackageTarget['arch'] => name === 'x64' || name === 'arm64';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      arch: { type: 'string', multiple: true, default: ['x64', 'arm64'] },
      kind: { type: 'string', multiple: true, default: [] },
      'electron-dist': { type: 'string' },
      unsigned: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { platform } = process;
  const arches = values.arch.filter(isArch);
  const isKnown = platform === 'linux' || platform === 'win32' || platform === 'darwin';
  if (values.help || arches.length < values.arch.length || !isKnown) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  await buildWhereStale('console');
  for (const arch of arches)
    for (const path of await packDesktop({
      target: { platform, arch },
      kinds: values.kind,
      outputFolder: 'out/dist',
      electronDist: values['electron-dist'] ?? null,
      isUnsigned: values.unsigned,
    }))
      console.log(path);
  return 0;
}

process.exitCode = await main();
