import { delimiter, dirname, join, resolve } from 'node:path';
import { Arch, build, Platform } from 'electron-builder';
import { fillAppFolder, type PackageTarget } from './appFolder.ts';
import { createBuilderConfig } from './builderConfig.ts';

const platforms = { linux: Platform.LINUX, win32: Platform.WINDOWS, darwin: Platform.MAC };
const architectures = { x64: Arch.x64, arm64: Arch.arm64 };

/**
 * Packs the desktop for one platform and architecture. `kinds` are electron-builder's targets, e.g. `dir` or `deb`; none are
 * those of the configuration. Returns the packages' paths. Needs the build in `out`.
 */
export async function packDesktop(options: {
  target: PackageTarget;
  kinds: string[];
  outputFolder: string;
  electronDist: string | null;
  /** Packs a Windows program without the tools that edit and sign it. */
  isUnsigned: boolean;
}): Promise<string[]> {
  const { electronDist, isUnsigned, kinds, outputFolder, target } = options;
  const appFolder = resolve(outputFolder, `app-${target.platform}-${target.arch}`);
  fillAppFolder(appFolder, target);
  const config = createBuilderConfig({ appFolder, outputFolder, electronDist });
  // deb and rpm are built by Debian's own tools, so that electron-builder downloads none.
  process.env['CUSTOM_FPM_PATH'] = resolve(import.meta.dirname, 'linuxPackage.ts');
  // That script needs this Node, which runs TypeScript.
  process.env['PATH'] = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return build({
    targets: platforms[target.platform].createTarget(kinds, architectures[target.arch]),
    projectDir: resolve('.'),
    publish: 'never',
    config: isUnsigned ? { ...config, win: { ...config.win, signAndEditExecutable: false } } : config,
  });
}

/** Where electron-builder puts the files of the target `dir`. */
export function unpackedFolder(outputFolder: string, { arch, platform }: PackageTarget): string {
  const name = { linux: 'linux', win32: 'win', darwin: 'mac' }[platform];
  return join(outputFolder, `${name}${arch === 'x64' ? '' : `-${arch}`}-unpacked`);
}
