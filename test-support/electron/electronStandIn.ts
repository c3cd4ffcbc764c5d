import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions, CustomScheme, MenuItemConstructorOptions } from 'electron';
import type { ElectronParts, Rectangle, SessionPart } from '../../src-main/hosts/desktop/electronParts.ts';
import { createMessageChannelMain } from './messageChannelMain.ts';
import {
  createWebContents,
  createWindow,
  type FrameStandIn,
  type WebContentsStandIn,
  type WindowStandIn,
} from './windows.ts';

type SessionHandlers = {
  protocol: Map<string, (request: Request) => Promise<Response>>;
  permissionRequest: Parameters<SessionPart['setPermissionRequestHandler']>[0] | null;
  permissionCheck: Parameters<SessionPart['setPermissionCheckHandler']>[0] | null;
  devicePermission: Parameters<SessionPart['setDevicePermissionHandler']>[0] | null;
  isSpellCheckerEnabled: boolean;
  beforeRequest: Parameters<SessionPart['webRequest']['onBeforeRequest']>[0] | null;
};

function createSession() {
  const events = new EventEmitter();
  const handlers: SessionHandlers = {
    protocol: new Map(),
    permissionRequest: null,
    permissionCheck: null,
    devicePermission: null,
    isSpellCheckerEnabled: true,
    beforeRequest: null,
  };
  const part: SessionPart = {
    protocol: { handle: (scheme, handler) => void handlers.protocol.set(scheme, handler) },
    webRequest: { onBeforeRequest: (listener) => (handlers.beforeRequest = listener) },
    setPermissionRequestHandler: (handler) => (handlers.permissionRequest = handler),
    setPermissionCheckHandler: (handler) => (handlers.permissionCheck = handler),
    setSpellCheckerEnabled: (isEnabled) => (handlers.isSpellCheckerEnabled = isEnabled),
    setDevicePermissionHandler: (handler) => (handlers.devicePermission = handler),
    on: (event, listener) => events.on(event, listener),
  };
  /** Emits the event of a download. Returns true if the program refused the download. */
  function download(url: string): boolean {
    let isPrevented = false;
    events.emit('will-download', { preventDefault: () => (isPrevented = true) }, { getURL: () => url });
    return isPrevented;
  }
  return { part, handlers, download };
}

/** Records how the program called Electron, for tests. */
type AppRecord = {
  name: string;
  paths: Map<string, string>;
  isSandboxEnabled: boolean;
  privilegedSchemes: CustomScheme[];
  menu: MenuItemConstructorOptions[];
  errorBoxes: { title: string; content: string }[];
  messages: string[];
  exitCodes: number[];
  wantsQuit: boolean;
};

/**
 * Stands in for Electron in plain Node. Uses real message ports, and emits events in the order that Electron
 * documents. `hasLock: false` simulates a second start with the same profile.
 */
export function createElectronStandIn(
  options: { hasLock?: boolean; isPackaged?: boolean; workAreas?: Rectangle[]; prefersDark?: boolean } = {},
) {
  const appEvents = new EventEmitter();
  const themeEvents = new EventEmitter();
  const powerEvents = new EventEmitter();
  const ipcEvents = new EventEmitter();
  const pageSession = createSession();
  const windows: WindowStandIn[] = [];
  const theme = { isDark: options.prefersDark ?? false };
  const record: AppRecord = {
    name: '',
    paths: new Map(),
    isSandboxEnabled: false,
    privilegedSchemes: [],
    menu: [],
    errorBoxes: [],
    messages: [],
    exitCodes: [],
    wantsQuit: false,
  };
  let isReady = false;
  const exited = Promise.withResolvers<number>();
  const loaded = Promise.withResolvers<WindowStandIn>();

  function exit(exitCode: number): void {
    if (record.exitCodes.length > 0) return;
    record.exitCodes.push(exitCode);
    exited.resolve(exitCode);
  }

  /**
   * Like Electron, closes the windows and emits `will-quit`. The process ends unless a listener prevents
   * that.
   */
  function quit(): void {
    record.wantsQuit = true;
    for (const window of windows.toReversed()) window.close();
    let isPrevented = false;
    appEvents.emit('will-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) exit(0);
  }

  function addContents(): WebContentsStandIn {
    const contents = createWebContents();
    appEvents.emit('web-contents-created', {}, contents);
    return contents;
  }

  function addWindow(constructorOptions: BrowserWindowConstructorOptions): WindowStandIn {
    if (!isReady) throw new Error('Cannot create BrowserWindow before app is ready');
    const window = createWindow({
      constructorOptions,
      webContents: addContents(),
      onClosed: (closed) => {
        windows.splice(windows.indexOf(closed), 1);
        if (windows.length === 0 && !record.wantsQuit) appEvents.emit('window-all-closed');
      },
    });
    windows.push(window);
    window.once('ready-to-show', () => loaded.resolve(window));
    return window;
  }

  const parts: ElectronParts = {
    app: {
      isPackaged: options.isPackaged ?? true,
      setName: (name) => (record.name = name),
      setPath: (name, path) => record.paths.set(name, path),
      enableSandbox: () => {
        if (isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
        record.isSandboxEnabled = true;
      },
      requestSingleInstanceLock: () => options.hasLock ?? true,
      whenReady: () => {
        isReady = true;
        return Promise.resolve();
      },
      on: appEvents.on.bind(appEvents),
      quit,
      exit,
    },
    createWindow: addWindow,
    createMessageChannel: createMessageChannelMain,
    Menu: {
      buildFromTemplate: (template) => {
        record.menu = template;
        return { items: template.map((item) => ({ label: item.label ?? '' })) };
      },
      setApplicationMenu: () => {},
    },
    dialog: {
      showErrorBox: (title, content) => void record.errorBoxes.push({ title, content }),
      showMessageBox: ({ message }) => Promise.resolve(record.messages.push(message)),
    },
    ipcMain: { on: (channel, listener) => ipcEvents.on(channel, listener) },
    nativeTheme: {
      themeSource: 'light',
      get shouldUseDarkColors() {
        return theme.isDark;
      },
      on: (event, listener) => themeEvents.on(event, listener),
    },
    powerMonitor: { on: (event, listener) => powerEvents.on(event, listener) },
    protocol: {
      registerSchemesAsPrivileged: (schemes) => {
        if (isReady)
          throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
        record.privilegedSchemes.push(...schemes);
      },
    },
    screen: {
      getAllDisplays: () =>
        (options.workAreas ?? [{ x: 0, y: 0, width: 1920, height: 1040 }]).map((workArea) => ({ workArea })),
    },
    session: { defaultSession: pageSession.part },
  };

  return {
    parts,
    record,
    windows,
    session: pageSession,
    appEvents,
    powerEvents,
    addContents,
    quit,
    exited: exited.promise,
    /** Resolves with the first window that has loaded its page. */
    loaded: loaded.promise,
    setDark: (isDark: boolean) => {
      theme.isDark = isDark;
      themeEvents.emit('updated');
    },
    /** Sends a message like `ipcRenderer.send`, from any frame of any web contents. */
    sendFrom: (sender: WebContentsStandIn, senderFrame: FrameStandIn | null, channel: string) => {
      ipcEvents.emit(channel, { sender, senderFrame });
    },
    ipcChannels: () => ipcEvents.eventNames(),
  };
}
export type ElectronStandIn = ReturnType<typeof createElectronStandIn>;
