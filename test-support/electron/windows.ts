import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { BrowserWindowConstructorOptions } from 'electron';
import type {
  FramePart,
  Rectangle,
  WebContentsPart,
  WindowPart,
} from '../../src-main/hosts/desktop/electronParts.ts';
import { takeDomPort } from './messageChannelMain.ts';

type ReceivedMessage = { channel: string; message: unknown; ports: MessagePort[] };

export type FrameStandIn = FramePart & { readonly received: ReceivedMessage[] };

export function createFrame(url: string, parent: FramePart | null = null): FrameStandIn {
  const received: ReceivedMessage[] = [];
  return {
    url,
    parent,
    received,
    postMessage: (channel, message, transfer = []) => {
      received.push({ channel, message, ports: transfer.map(takeDomPort) });
    },
  };
}

export type WebContentsStandIn = WebContentsPart & {
  readonly events: EventEmitter;
  readonly reloads: () => number;
  /**
   * Calls the handler for new windows, as Chromium does for `window.open` and for links that open a window.
   */
  readonly openWindow: () => { action: 'deny' } | { action: 'allow' };
  /** Emits an event that listeners can prevent. Returns whether one did. */
  readonly attempt: (event: string, details?: object) => boolean;
};

let lastContentsId = 0;

export function createWebContents(): WebContentsStandIn {
  const events = new EventEmitter();
  const id = (lastContentsId += 1);
  let windowOpenHandler: (() => { action: 'deny' }) | null = null;
  let reloads = 0;
  return {
    id,
    events,
    on: events.on.bind(events),
    setWindowOpenHandler: (handler) => {
      windowOpenHandler = handler;
    },
    reload: () => {
      reloads += 1;
    },
    reloads: () => reloads,
    openWindow: () => windowOpenHandler?.() ?? { action: 'allow' },
    attempt: (event, details = {}) => {
      let isPrevented = false;
      events.emit(event, { ...details, preventDefault: () => (isPrevented = true) });
      return isPrevented;
    },
  };
}

export type WindowStandIn = WindowPart & {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents: WebContentsStandIn;
  readonly frame: FrameStandIn;
  readonly shown: { isVisible: boolean; isFocused: boolean; isMinimised: boolean; isMaximised: boolean };
  readonly loaded: string[];
  readonly background: () => string;
  readonly setBounds: (bounds: Rectangle) => void;
  readonly close: () => void;
};

/**
 * Stands in for a window. It loads its page at once and is then ready to show. `close` emits Electron's
 * events in order.
 */
export function createWindow(options: {
  constructorOptions: BrowserWindowConstructorOptions;
  webContents: WebContentsStandIn;
  onClosed: (window: WindowStandIn) => void;
}): WindowStandIn {
  const { constructorOptions, webContents } = options;
  const events = new EventEmitter();
  const shown = { isVisible: false, isFocused: false, isMinimised: false, isMaximised: false };
  const loaded: string[] = [];
  let background = constructorOptions.backgroundColor ?? '';
  let isDestroyed = false;
  let bounds: Rectangle = {
    x: constructorOptions.x ?? 0,
    y: constructorOptions.y ?? 0,
    width: constructorOptions.width ?? 800,
    height: constructorOptions.height ?? 600,
  };

  // Throws after the window was closed, as Electron does.
  function alive(): void {
    if (isDestroyed) throw new TypeError('Object has been destroyed');
  }

  const window: WindowStandIn = {
    options: constructorOptions,
    get webContents() {
      alive();
      return webContents;
    },
    frame: createFrame('app://sallyport/'),
    shown,
    loaded,
    on: (event: string, listener: () => void) => events.on(event, listener),
    once: (event: string, listener: () => void) => events.once(event, listener),
    loadURL: (url) => {
      alive();
      loaded.push(url);
      events.emit('ready-to-show');
      return Promise.resolve();
    },
    show: () => {
      alive();
      shown.isVisible = true;
    },
    focus: () => {
      alive();
      shown.isFocused = true;
    },
    restore: () => {
      alive();
      shown.isMinimised = false;
    },
    maximize: () => {
      alive();
      shown.isMaximised = true;
    },
    isMinimized: () => shown.isMinimised,
    isMaximized: () => shown.isMaximised,
    getNormalBounds: () => {
      alive();
      return bounds;
    },
    setBackgroundColor: (color) => {
      alive();
      background = color;
    },
    background: () => background,
    setBounds: (next) => {
      bounds = next;
    },
    close: () => {
      if (isDestroyed) return;
      events.emit('close');
      isDestroyed = true;
      webContents.events.emit('destroyed');
      events.emit('closed');
      options.onClosed(window);
    },
  };
  return window;
}
