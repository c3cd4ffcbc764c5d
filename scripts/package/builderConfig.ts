import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';
import packageFile from '../../package.json' with { type: 'json' };
import { desktopFuses } from '../../src-shared/model/trust/fuses.ts';
import { updateFileEnding, updateMediaType } from '../../src-shared/model/update/updateFile.ts';
import { pageantHelper } from '../pageantHelper.ts';
import { linkScheme } from '../../src-main/hosts/desktop/channels.ts';

/**
 * How electron-builder packs the desktop. `appFolder` is what `fillAppFolder` filled, `outputFolder` takes the packages, and
 * `electronDist` is an Electron runtime to pack instead of a downloaded one.
 */
export function createBuilderConfig(folders: {
  appFolder: string;
  outputFolder: string;
  electronDist: string | null;
}): Configuration {
  return {
    appId: 'example.sallyport.desktop',
    productName: 'Sallyport',
    copyright: 'Copyright © 2026 The Sallyport authors',
    electronVersion: packageFile.devDependencies.electron,
    ...(folders.electronDist === null ? {} : { electronDist: folders.electronDist }),
    directories: { app: folders.appFolder, output: folders.outputFolder, buildResources: 'build' },
    artifactName: '${name}-${version}-${os}-${arch}.${ext}',
    // The packages are a file set of their own, because electron-builder leaves out the app folder's `node_modules`.
    files: ['**/*', { from: join(folders.appFolder, 'node_modules'), to: 'node_modules', filter: ['**/*'] }],
    asar: true,
    asarUnpack: ['node_modules/better-sqlite3/prebuilds/*.node', `out/desktop/${pageantHelper}`],
    // The folder is complete, so nothing is installed or rebuilt.
    beforeBuild: () => Promise.resolve(false),
    // An unpacked runtime still has the page that it shows without a program.
    afterExtract: ({ appOutDir, electronPlatformName }) => {
      const resources = electronPlatformName === 'darwin' ? 'Electron.app/Contents/Resources' : 'resources';
      return rm(join(appOutDir, resources, 'default_app.asar'), { force: true });
    },
    // Without a publisher, no package contains an address to look for updates at.
    publish: null,
    electronLanguages: ['en-US'],
    electronFuses: Object.fromEntries(Object.entries(desktopFuses).map(([name, { isOn }]) => [name, isOn])),
    protocols: [{ name: 'Sallyport page', schemes: [linkScheme] }],
    fileAssociations: [
      {
        ext: updateFileEnding.slice(1),
        name: 'Sallyport update',
        description: 'Signed update of Sallyport',
        mimeType: updateMediaType,
        role: 'Viewer',
      },
    ],
    extraMetadata: { homepage: 'https://sallyport.example/' },
    linux: {
      target: ['AppImage', 'deb', 'rpm'],
      executableName: 'sallyport-desktop',
      icon: 'build/icons',
      category: 'Network',
      synopsis: 'Admin console for appliances over SSH',
      maintainer: 'The Sallyport authors <authors@sallyport.example>',
      vendor: 'The Sallyport authors',
      syncDesktopName: true,
      desktop: { entry: { Keywords: 'ssh;appliance;tunnel;licence;', StartupNotify: 'true' } },
    },
    deb: { packageName: 'sallyport-desktop', packageCategory: 'net', priority: 'optional' },
    rpm: { packageName: 'sallyport-desktop', packageCategory: 'Applications/Internet' },
    win: { target: ['nsis'], icon: 'build/icon.ico' },
    nsis: {
      oneClick: false,
      perMachine: false,
      allowElevation: true,
      allowToChangeInstallationDirectory: true,
      deleteAppDataOnUninstall: false,
      license: 'LICENSE',
    },
    mac: {
      target: ['dmg'],
      icon: 'build/icon.icns',
      category: 'public.app-category.utilities',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: 'build/entitlements.mac.plist',
      entitlementsInherit: 'build/entitlements.mac.inherit.plist',
      extendInfo: { NSCameraUsageDescription: 'The page reads the QR code of a licence answer.' },
    },
    dmg: { sign: false, writeUpdateInfo: false },
  };
}
