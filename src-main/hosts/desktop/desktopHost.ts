import { join } from 'node:path';
import { toErrorData } from '../../../src-shared/errors.ts';
import { createDataFolder } from '../../base/dataFolder.ts';
import type { PageFiles } from '../page/pageFiles.ts';
import type { ElectronParts } from './electronParts.ts';
import { collectOpenRequests, findOpenRequest, type OpenRequest } from './openRequest.ts';
import { hardenSession, hardenWebContents } from './hardening.ts';
import { createMainWindow } from './mainWindow.ts';
import { menuTemplate } from './menu.ts';
import { registerPageScheme, servePage } from './pageProtocol.ts';
import type { PagePort } from '../../rpc/transports.ts';
import { handOverPorts } from './portHandover.ts';
import { race } from '../../../src-shared/base/race.ts';

/** The services for the desktop host. The entry file creates them with `createServices`. */
export type HostedServices = {
  serve: (port: PagePort) => void;
  /** Polls every appliance. Called after the computer slept. */
  refresh: () => Promise<void>;
  close: () => Promise<void>;
};

export type DesktopHostOptions = {
  electron: ElectronParts;
  platform: NodeJS.Platform;
  dataFolder: string;
  preloadFile: string;
  isDevelopment: boolean;
  openPage: () => Promise<PageFiles>;
  openConsole: () => Promise<HostedServices>;
  /** What this start was asked to open, null for nothing. */
  request: OpenRequest | null;
  /** Verifies an update file and returns what to tell the operator, a line each. Rejects if it is not valid. */
  verifyUpdate: (file: string) => Promise<string[]>;
  /** Maximum time in milliseconds that quitting waits until the console is closed. */
  quitTimeoutMs: number;
  /** Called when the page is loaded. */
  onOpened: () => void;
  onWarning: (message: string, error: unknown) => void;
};

/** Closes the console within the time limit. Resolves with the exit code: 0 if that succeeded, else 1. */
async function closeServices(options: DesktopHostOptions, hosted: HostedServices | null): Promise<0 | 1> {
  if (hosted === null) return 0;
  try {
    const isClosed = await race(
      hosted.close().then(() => true),
      { timeoutMs: options.quitTimeoutMs, onTimeout: () => false },
    );
    if (isClosed) return 0;
    options.onWarning('the console did not close in time', { timeoutMs: options.quitTimeoutMs });
  } catch (error) {
    options.onWarning('the console failed to close', error);
  }
  return 1;
}

/** Shows whether an update file is valid. Installs nothing. */
async function showUpdate(options: DesktopHostOptions, file: string): Promise<void> {
  const { dialog } = options.electron;
  try {
    const [message = '', ...detail] = await options.verifyUpdate(file);
    await dialog.showMessageBox({
      type: 'info',
      title: 'Sallyport update',
      message,
      detail: detail.join('\n'),
    });
  } catch (error) {
    const { code, message } = toErrorData(error);
    dialog.showErrorBox('The update file is not valid', `${message} (${code})`);
  }
}

function showStartFailure(options: DesktopHostOptions, error: unknown): void {
  options.onWarning('the desktop host could not start', error);
  const { code, message } = toErrorData(error);
  options.electron.dialog.showErrorBox('Sallyport can’t start', `${message} (${code})`);
  options.electron.app.exit(1);
}

/** Configures Electron before the app is ready. Returns false if another instance uses the data folder. */
function prepareApp({ electron, dataFolder }: DesktopHostOptions): boolean {
  const profileFolder = join(dataFolder, 'desktop-profile');
  createDataFolder(profileFolder);
  electron.app.setName('Sallyport');
  // Electron locks this folder. As it is in the data folder, only one desktop console can use a data folder.
  electron.app.setPath('userData', profileFolder);
  if (!electron.app.requestSingleInstanceLock()) return false;
  electron.app.enableSandbox();
  registerPageScheme(electron.protocol);
  hardenWebContents(electron.app);
  return true;
}

/**
 * Runs the console in Electron. Call this before the app is ready. Resolves when the page is loaded or a
 * failed start was reported. A second start with the same data folder shows the existing window.
 */
export async function runDesktopHost(options: DesktopHostOptions): Promise<void> {
  const { electron, platform, isDevelopment, onWarning } = options;
  const { app } = electron;
  try {
    if (!prepareApp(options)) {
      app.quit();
      return;
    }
  } catch (error) {
    showStartFailure(options, error);
    return;
  }

  let hosted: HostedServices | null = null;
  let isQuitting = false;
  const requests = collectOpenRequests(app, options.request);
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (isQuitting) return;
    isQuitting = true;
    void closeServices(options, hosted).then((exitCode) => app.exit(exitCode));
  });

  try {
    const [page] = await Promise.all([options.openPage(), app.whenReady()]);
    const opened = await options.openConsole();
    hosted = opened;
    hardenSession(electron.session.defaultSession, { isDevelopment });
    servePage(electron.session.defaultSession, page);
    electron.Menu.setApplicationMenu(
      electron.Menu.buildFromTemplate(menuTemplate({ platform, isDevelopment })),
    );
    const mainWindow = createMainWindow({
      electron,
      preloadFile: options.preloadFile,
      stateFile: join(options.dataFolder, 'window.json'),
      isDevelopment,
      onPageGone: () => ports.endPort(),
      onWarning,
    });
    const ports = handOverPorts({ electron, currentContents: mainWindow.contents, serve: opened.serve });
    electron.powerMonitor.on('resume', () => {
      // Don't poll without a window, because polling would open connections that no user needs.
      if (mainWindow.contents() === null) return;
      opened.refresh().catch((error: unknown) => onWarning('refreshing after sleep failed', error));
    });
    const reveal = () => {
      if (isQuitting || mainWindow.reveal()) return;
      mainWindow.open().catch((error: unknown) => onWarning('the page could not be loaded', error));
    };
    app.on('second-instance', (_event, argv) => {
      const request = findOpenRequest(argv);
      if (request?.kind !== 'page') reveal();
      requests.take(request);
    });
    app.on('activate', reveal);
    app.on('window-all-closed', () => {
      // On macOS, a program keeps running without windows.
      if (platform !== 'darwin') app.quit();
    });
    if (isQuitting) return;
    const first = requests.waiting();
    await mainWindow.open(first?.kind === 'page' ? first.path : '');
    options.onOpened();
    requests.handleWith((request) => {
      if (isQuitting) return;
      const shown =
        request.kind === 'page' ? mainWindow.show(request.path) : showUpdate(options, request.file);
      shown.catch((error: unknown) => onWarning('the request could not be opened', error));
    });
  } catch (error) {
    showStartFailure(options, error);
  }
}
