import type { BrowserWindowConstructorOptions } from 'electron';
import type { ElectronParts, WebContentsPart, WindowPart } from './electronParts.ts';
import { pageUrl } from './channels.ts';
import { minSize, loadWindowState, placeWindow, saveWindowState } from './windowState.ts';
import { minuteMs } from '../../../src-shared/base/time.ts';

/** The page's background colours, so that the window does not flash before the page is drawn. */
const backgroundColours = { dark: '#0e1215', light: '#f6f7f8' } as const;

/** A page that crashes again within this time is not reloaded, because it could crash in a loop. */
const reloadPauseMs = minuteMs;

export type MainWindowOptions = {
  electron: Pick<ElectronParts, 'createWindow' | 'nativeTheme' | 'screen' | 'dialog'>;
  preloadFile: string;
  stateFile: string;
  isDevelopment: boolean;
  onPageGone: () => void;
  onWarning: (message: string, error: unknown) => void;
};

export type MainWindow = {
  /** Opens the window on a page, by default the first one. */
  open: (path?: string) => Promise<void>;
  /** Brings the window to the front. Returns false if there is no window. */
  reveal: () => boolean;
  /** Shows another page in the open window, or opens it. */
  show: (path: string) => Promise<void>;
  contents: () => WebContentsPart | null;
};

function windowOptions(options: MainWindowOptions): BrowserWindowConstructorOptions {
  const saved = loadWindowState(options.stateFile);
  const { size, position } = placeWindow(
    saved,
    options.electron.screen.getAllDisplays().map((display) => display.workArea),
  );
  return {
    ...size,
    ...position,
    minWidth: Math.min(minSize.width, size.width),
    minHeight: Math.min(minSize.height, size.height),
    show: false,
    title: 'Sallyport',
    backgroundColor: options.electron.nativeTheme.shouldUseDarkColors
      ? backgroundColours.dark
      : backgroundColours.light,
    webPreferences: {
      preload: options.preloadFile,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: options.isDevelopment,
    },
  };
}

/**
 * Creates the console's window: hardened, at its last position, with a background in the system's colour
 * scheme.
 */
export function createMainWindow(options: MainWindowOptions): MainWindow {
  const { electron, stateFile, onPageGone, onWarning } = options;
  let current: { window: WindowPart; contents: WebContentsPart } | null = null;

  electron.nativeTheme.themeSource = 'system';
  electron.nativeTheme.on('updated', () => {
    current?.window.setBackgroundColor(
      electron.nativeTheme.shouldUseDarkColors ? backgroundColours.dark : backgroundColours.light,
    );
  });

  function save(window: WindowPart): void {
    const { x, y, width, height } = window.getNormalBounds();
    try {
      saveWindowState(stateFile, { x, y, width, height, isMaximised: window.isMaximized() });
    } catch (error) {
      onWarning('the window state could not be saved', error);
    }
  }

  function reloadOnceGone(contents: WebContentsPart): void {
    let lastGone = -Infinity;
    contents.on('render-process-gone', (_event, { reason }) => {
      onPageGone();
      if (reason === 'clean-exit') return;
      const now = performance.now();
      const isLooping = now - lastGone < reloadPauseMs;
      lastGone = now;
      onWarning('the page process ended', { reason });
      if (isLooping)
        electron.dialog.showErrorBox(
          'The page stopped',
          `The page of Sallyport stopped twice within a minute (${reason}). Close the window and start Sallyport again.`,
        );
      else contents.reload();
    });
  }

  async function open(path = ''): Promise<void> {
    const isMaximised = loadWindowState(stateFile)?.isMaximised ?? false;
    const window = electron.createWindow(windowOptions(options));
    const contents = window.webContents;
    current = { window, contents };
    window.once('ready-to-show', () => {
      if (isMaximised) window.maximize();
      window.show();
    });
    window.on('close', () => save(window));
    window.on('closed', () => {
      current = null;
      onPageGone();
    });
    reloadOnceGone(contents);
    await window.loadURL(`${pageUrl}${path}`);
  }

  /** Brings the window to the front. Returns false if there is no window. */
  function reveal(): boolean {
    if (current === null) return false;
    if (current.window.isMinimized()) current.window.restore();
    current.window.show();
    current.window.focus();
    return true;
  }

  async function show(path: string): Promise<void> {
    if (reveal()) await current?.window.loadURL(`${pageUrl}${path}`);
    else await open(path);
  }

  return { open, reveal, show, contents: () => current?.contents ?? null };
}
