import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  utilityProcess,
} from 'electron';
import packageFile from '../../../package.json' with { type: 'json' };
import { AppError } from '../../../src-shared/errors.ts';
import { boundHeap } from '../../base/boundHeap.ts';
import { dataFolder } from '../../base/dataFolder.ts';
import { createDesktopKeyStore } from './desktopKeyStore.ts';
import { runDesktopHost } from './desktopHost.ts';
import type { ElectronParts } from './electronParts.ts';
import { forkUtilityEngine } from './forkUtilityEngine.ts';
import { hostServices } from './hostConsole.ts';
import { createTerminalOpener } from './terminal.ts';
import { parseLaunchArguments } from './launchArguments.ts';
import { findOpenRequest } from './openRequest.ts';
import { describeUpdate } from '../../update/describeUpdate.ts';
import { findMisfits } from '../../update/importUpdate.ts';
import { readUpdateFile } from '../../update/readUpdateFile.ts';
import { pinnedUpdateKeys } from '../../update/updateKeys.ts';
import { createLog } from '../../base/log.ts';
import { openPageFiles } from '../page/pageFiles.ts';
import { secondMs } from '../../../src-shared/base/time.ts';

/**
 * Entry of the desktop host. Its built file is `out/desktop/desktop.js`; the page and the preload are in the
 * parent folder.
 */
const builtFolder = join(import.meta.dirname, '..');

/** Time limit for closing the console, which usually takes less than a second. */
const quitTimeoutMs = 5 * secondMs;

const electron: ElectronParts = {
  app,
  createWindow: (options) => new BrowserWindow(options),
  createMessageChannel: () => new MessageChannelMain(),
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerMonitor,
  protocol,
  screen,
  session,
};
const log = createLog();

async function start(): Promise<void> {
  boundHeap();
  const launch = parseLaunchArguments(process.argv.slice(1));
  const folder = dataFolder(launch.dataFolder);
  await runDesktopHost({
    electron,
    platform: process.platform,
    dataFolder: folder,
    preloadFile: join(builtFolder, 'preload', 'preload.cjs'),
    // Never true in a packaged program, so that it never opens its developer tools.
    isDevelopment: !app.isPackaged && process.env['SALLYPORT_DEVELOPMENT'] === '1',
    openPage: () => openPageFiles(join(builtFolder, 'renderer')),
    openConsole: () =>
      Promise.resolve(
        hostServices({
          dataFolder: folder,
          host: 'desktop',
          log,
          lab: launch.isLab,
          labAuthority: process.env['SALLYPORT_LAB_AUTHORITY'],
          version: packageFile.version,
          forkEngine: (dataFolder) => forkUtilityEngine(utilityProcess, dataFolder),
          keyStore: createDesktopKeyStore({ safeStorage, platform: process.platform }),
          openTerminal: createTerminalOpener({ platform: process.platform, env: process.env }),
        }),
      ),
    request: findOpenRequest(process.argv.slice(1)),
    verifyUpdate: async (file) => {
      const signed = await readUpdateFile(file, { keys: pinnedUpdateKeys });
      const basis = { version: packageFile.version, platform: process.platform, arch: process.arch };
      return [
        ...describeUpdate(signed, 'a key of this program'),
        ...findMisfits(signed, basis),
        'To get the package: sallyport update import FILE --out FOLDER',
      ];
    },
    quitTimeoutMs,
    onOpened: () => {
      if (launch.announces) process.stdout.write(`${JSON.stringify({ opened: true })}\n`);
    },
    onWarning: (message, error) => log.warn({ err: error }, message),
  });
}

// Don't await this at the top level, because Electron becomes ready only after this module has been
// evaluated, and `start` waits for that.
start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof AppError ? error.message : String(error)}\n`);
  app.exit(error instanceof AppError && error.code === 'INVALID_INPUT' ? 2 : 1);
});
