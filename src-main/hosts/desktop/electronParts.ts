import type { BrowserWindowConstructorOptions, CustomScheme, MenuItemConstructorOptions } from 'electron';

/*
 * The parts of Electron that the desktop host uses; tests assign a stand-in. Assigning the real module makes
 * the compiler compare the types, for which TypeScript needs method syntax here.
 */

type Preventable = { preventDefault(): void };

export type FramePart = {
  readonly url: string;
  readonly parent: FramePart | null;
  postMessage(channel: string, message: unknown, transfer?: PortPart[]): void;
};

export type PortPart = {
  on(event: 'message', listener: (messageEvent: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown, transfer: never[]): void;
  start(): void;
  close(): void;
};

export type WebContentsPart = {
  readonly id: number;
  on(
    event: 'will-navigate' | 'will-redirect',
    listener: (details: Preventable & { url: string }) => void,
  ): unknown;
  on(
    event: 'will-frame-navigate',
    listener: (details: Preventable & { url: string; isMainFrame: boolean }) => void,
  ): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  on(event: 'render-process-gone', listener: (event: unknown, details: { reason: string }) => void): unknown;
  on(event: 'destroyed', listener: () => void): unknown;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void;
  reload(): void;
};

export type Rectangle = { x: number; y: number; width: number; height: number };

export type WindowPart = {
  readonly webContents: WebContentsPart;
  on(event: 'close' | 'closed', listener: () => void): unknown;
  once(event: 'ready-to-show', listener: () => void): unknown;
  loadURL(url: string): Promise<void>;
  show(): void;
  focus(): void;
  restore(): void;
  maximize(): void;
  isMinimized(): boolean;
  isMaximized(): boolean;
  getNormalBounds(): Rectangle;
  setBackgroundColor(color: string): void;
};

export type SessionPart = {
  readonly protocol: {
    handle(scheme: string, handler: (request: Request) => Promise<Response>): void;
  };
  readonly webRequest: {
    onBeforeRequest(
      listener: (details: { url: string }, callback: (response: { cancel: boolean }) => void) => void,
    ): void;
  };
  setPermissionRequestHandler(
    handler: (
      contents: unknown,
      permission: string,
      callback: (isGranted: boolean) => void,
      details: { requestingUrl: string; isMainFrame: boolean; mediaTypes?: string[] },
    ) => void,
  ): void;
  setPermissionCheckHandler(
    handler: (
      contents: unknown,
      permission: string,
      requestingOrigin: string,
      details: { isMainFrame: boolean; requestingUrl?: string; mediaType?: string },
    ) => boolean,
  ): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setSpellCheckerEnabled(isEnabled: boolean): void;
  on(event: 'will-download', listener: (event: Preventable, item: { getURL(): string }) => void): unknown;
};

export type AppPart = {
  readonly isPackaged: boolean;
  setName(name: string): void;
  setPath(name: 'userData', path: string): void;
  enableSandbox(): void;
  requestSingleInstanceLock(): boolean;
  whenReady(): Promise<void>;
  on(event: 'window-all-closed' | 'activate', listener: () => void): unknown;
  on(event: 'second-instance', listener: (event: unknown, argv: string[]) => void): unknown;
  on(event: 'open-url' | 'open-file', listener: (event: Preventable, target: string) => void): unknown;
  on(event: 'will-quit', listener: (event: Preventable) => void): unknown;
  on(event: 'web-contents-created', listener: (event: unknown, contents: WebContentsPart) => void): unknown;
  quit(): void;
  exit(exitCode: number): void;
};

export type UtilityProcessPart = {
  fork(
    modulePath: string,
    args: string[],
    options: {
      execArgv: string[];
      env: NodeJS.ProcessEnv;
      stdio: ('ignore' | 'inherit')[];
      serviceName: string;
    },
  ): {
    on(event: 'message', listener: (message: unknown) => void): unknown;
    once(event: 'exit', listener: () => void): unknown;
    postMessage(message: unknown, transfer: never[]): void;
    kill(): boolean;
  };
};

export type PortRequestEvent = { sender: WebContentsPart; senderFrame: FramePart | null };

export type SafeStoragePart = {
  isEncryptionAvailable(): boolean;
  /** Only on Linux, once the app is ready. */
  getSelectedStorageBackend(): string;
  encryptString(text: string): Buffer;
  decryptString(encrypted: Buffer): string;
};

type MenuPart = { readonly items: readonly { label: string }[] };

export type ElectronParts = {
  app: AppPart;
  createWindow: (options: BrowserWindowConstructorOptions) => WindowPart;
  createMessageChannel: () => { port1: PortPart; port2: PortPart };
  Menu: {
    buildFromTemplate(template: MenuItemConstructorOptions[]): MenuPart;
    setApplicationMenu(menu: MenuPart | null): void;
  };
  dialog: {
    showErrorBox(title: string, content: string): void;
    showMessageBox(options: {
      type: 'info';
      title: string;
      message: string;
      detail: string;
    }): Promise<unknown>;
  };
  ipcMain: { on(channel: string, listener: (event: PortRequestEvent) => void): unknown };
  nativeTheme: {
    themeSource: 'system' | 'light' | 'dark';
    readonly shouldUseDarkColors: boolean;
    on(event: 'updated', listener: () => void): unknown;
  };
  powerMonitor: { on(event: 'resume', listener: () => void): unknown };
  protocol: { registerSchemesAsPrivileged(schemes: CustomScheme[]): void };
  screen: { getAllDisplays(): { workArea: Rectangle }[] };
  session: { readonly defaultSession: SessionPart };
};
