import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { createElectronStandIn } from '../../../test-support/electron/electronStandIn.ts';
import {
  createDesktopFolders,
  onlyWindow,
  startDesktopHost,
} from '../../../test-support/electron/startDesktopHost.ts';
import type { HostedServices } from './desktopHost.ts';

let folders: ReturnType<typeof createDesktopFolders>;
beforeEach(() => {
  folders = createDesktopFolders();
});
afterEach(() => folders.remove());

function hostedConsole(parts: Partial<HostedServices> = {}): () => Promise<HostedServices> {
  return () =>
    Promise.resolve({
      serve: () => {},
      refresh: () => Promise.resolve(),
      close: () => Promise.resolve(),
      ...parts,
    });
}

describe('start', () => {
  test('opens one hardened window on the page, shown after it has drawn', async () => {
    const { electron, warnings } = await startDesktopHost(folders, { openConsole: hostedConsole() });
    const window = onlyWindow(electron);
    expect(window.options.webPreferences).toEqual({
      preload: '/out/preload/preload.cjs',
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
      devTools: false,
    });
    expect(window.options.show).toBe(false);
    expect(window.shown.isVisible).toBe(true);
    expect(window.loaded).toEqual(['app://sallyport/']);
    expect(electron.record.isSandboxEnabled).toBe(true);
    expect(electron.record.privilegedSchemes).toEqual([
      {
        scheme: 'app',
        privileges: expect.objectContaining({
          standard: true,
          secure: true,
          bypassCSP: false,
          corsEnabled: false,
        }),
      },
    ]);
    expect(electron.record.paths.get('userData')).toBe(join(folders.dataFolder, 'desktop-profile'));
    expect(electron.record.menu.length).toBeGreaterThan(0);
    expect(electron.parts.nativeTheme.themeSource).toBe('system');
    expect(warnings).toEqual([]);
  });

  test('has developer tools only in development', async () => {
    const { electron } = await startDesktopHost(folders, {
      openConsole: hostedConsole(),
      isDevelopment: true,
    });
    expect(onlyWindow(electron).options.webPreferences?.devTools).toBe(true);
  });

  test('when the console can’t open, says so and exits', async () => {
    const { electron } = await startDesktopHost(folders, {
      openConsole: () =>
        Promise.reject(new AppError('STORE_FROM_FUTURE', 'The data folder belongs to a newer Sallyport.')),
    });
    expect(electron.record.errorBoxes).toEqual([
      {
        title: 'Sallyport can’t start',
        content: 'The data folder belongs to a newer Sallyport. (STORE_FROM_FUTURE)',
      },
    ]);
    expect(electron.windows).toEqual([]);
    expect(electron.record.exitCodes).toEqual([1]);
  });

  test('when the data folder is a file, says so', async () => {
    writeFileSync(folders.dataFolder, '');
    const { electron } = await startDesktopHost(folders, { openConsole: hostedConsole() });
    expect(electron.record.errorBoxes).toEqual([
      {
        title: 'Sallyport can’t start',
        content: expect.stringMatching(/can’t be created.*\(STORE_FAILED\)$/),
      },
    ]);
    expect(electron.record.exitCodes).toEqual([1]);
  });

  test.skipIf(!existsSync('/proc/self'))(
    'when the data folder can’t be created, says so at once',
    async () => {
      const nowhere = { ...folders, dataFolder: '/proc/nope' };
      const { electron } = await startDesktopHost(nowhere, { openConsole: hostedConsole() });
      expect(electron.record.errorBoxes).toEqual([
        {
          title: 'Sallyport can’t start',
          content: expect.stringMatching(/\/proc\/nope.* can’t be created.*\(STORE_FAILED\)$/),
        },
      ]);
    },
  );
});

describe('single instance', () => {
  test('when started a second time, opens nothing and ends', async () => {
    const openConsole = vi.fn<() => Promise<HostedServices>>(hostedConsole());
    const second = createElectronStandIn({ hasLock: false });
    await startDesktopHost(folders, { openConsole }, second);
    expect(second.record.wantsQuit).toBe(true);
    expect(second.record.exitCodes).toEqual([0]);
    expect(openConsole).not.toHaveBeenCalled();
    expect(second.windows).toEqual([]);
  });

  test('when started a second time, the first one shows its window, also if minimised', async () => {
    const { electron } = await startDesktopHost(folders, { openConsole: hostedConsole() });
    const window = onlyWindow(electron);
    window.shown.isMinimised = true;
    electron.appEvents.emit('second-instance', {}, []);
    expect(window.shown).toMatchObject({ isMinimised: false, isFocused: true });
    expect(onlyWindow(electron)).toBe(window);
  });

  test('when a link or an update file is opened, the page or the result of the check is shown', async () => {
    const { electron } = await startDesktopHost(folders, {
      openConsole: hostedConsole(),
      request: { kind: 'page', path: 'tenants' },
    });
    const window = onlyWindow(electron);
    const open = (...argv: string[]) =>
      electron.appEvents.emit('second-instance', {}, ['sallyport', ...argv]);
    open('sallyport://page/audit');
    open('sallyport://elsewhere/licences');
    electron.appEvents.emit('open-url', { preventDefault: () => {} }, 'sallyport://page/licences');
    expect(window.loaded).toEqual(['tenants', 'audit', 'licences'].map((path) => `app://sallyport/${path}`));
    open('/tmp/x.sallyport-update');
    await expect.poll(() => electron.record.messages).toEqual(['Valid: /tmp/x.sallyport-update']);
    expect(onlyWindow(electron)).toBe(window);
  });

  test('when an opened update file is not valid, the error is shown', async () => {
    const { electron } = await startDesktopHost(folders, {
      openConsole: hostedConsole(),
      request: { kind: 'update', file: '/tmp/x.sallyport-update' },
      verifyUpdate: () => Promise.reject(new AppError('VERIFICATION_FAILED', 'It is damaged.')),
    });
    await expect
      .poll(() => electron.record.errorBoxes)
      .toEqual([{ title: 'The update file is not valid', content: 'It is damaged. (VERIFICATION_FAILED)' }]);
  });

  test('on macOS, when the window was closed, a second start opens it again', async () => {
    const { electron } = await startDesktopHost(folders, {
      openConsole: hostedConsole(),
      platform: 'darwin',
    });
    onlyWindow(electron).close();
    expect(electron.record.exitCodes).toEqual([]);
    electron.appEvents.emit('activate');
    expect(onlyWindow(electron).loaded).toEqual(['app://sallyport/']);
  });
});

describe('window state', () => {
  test('opens the next window where the last one was', async () => {
    const first = await startDesktopHost(folders, { openConsole: hostedConsole() });
    const window = onlyWindow(first.electron);
    window.setBounds({ x: 30, y: 40, width: 1100, height: 720 });
    window.shown.isMaximised = true;
    window.close();
    await first.electron.exited;
    const second = await startDesktopHost(folders, { openConsole: hostedConsole() });
    expect(onlyWindow(second.electron).options).toMatchObject({ x: 30, y: 40, width: 1100, height: 720 });
    expect(onlyWindow(second.electron).shown.isMaximised).toBe(true);
  });

  test('when the file is invalid, loses only the position', async () => {
    await startDesktopHost(folders, { openConsole: hostedConsole() });
    writeFileSync(join(folders.dataFolder, 'window.json'), '{"x":"<script>"');
    const { electron, warnings } = await startDesktopHost(folders, { openConsole: hostedConsole() });
    expect(onlyWindow(electron).options).toMatchObject({ width: 1440, height: 900 });
    expect(onlyWindow(electron).options).not.toHaveProperty('x');
    expect(warnings).toEqual([]);
    onlyWindow(electron).close();
    expect(JSON.parse(readFileSync(join(folders.dataFolder, 'window.json'), 'utf8'))).toMatchObject({
      width: 1440,
    });
  });
});

test('the window follows the colour scheme of the system', async () => {
  const electron = createElectronStandIn({ prefersDark: true });
  await startDesktopHost(folders, { openConsole: hostedConsole() }, electron);
  const window = onlyWindow(electron);
  const dark = window.background();
  electron.setDark(false);
  expect(window.background()).not.toBe(dark);
  electron.setDark(true);
  expect(window.background()).toBe(dark);
  window.close();
  // The host must not use the closed window, because Electron would throw.
  electron.setDark(false);
});

test('when the computer wakes up, polls all appliances; a failure ends nothing', async () => {
  const refresh = vi
    .fn<() => Promise<void>>()
    .mockRejectedValueOnce(new AppError('LINK_LOST', 'gone'))
    .mockResolvedValue();
  const { electron, warnings } = await startDesktopHost(folders, { openConsole: hostedConsole({ refresh }) });
  electron.powerEvents.emit('resume');
  electron.powerEvents.emit('resume');
  await expect.poll(() => warnings).toHaveLength(1);
  expect(refresh).toHaveBeenCalledTimes(2);
  expect(electron.record.exitCodes).toEqual([]);
});

describe('the page process ends', () => {
  test('when the page crashes once, loads it again; twice within a minute, shows an error', async () => {
    const { electron } = await startDesktopHost(folders, { openConsole: hostedConsole() });
    const { webContents } = onlyWindow(electron);
    webContents.events.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(webContents.reloads()).toBe(1);
    expect(electron.record.errorBoxes).toEqual([]);
    webContents.events.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(webContents.reloads()).toBe(1);
    expect(electron.record.errorBoxes).toHaveLength(1);
  });
});

describe('quit', () => {
  test('when the last window closes, waits until the console is closed', async () => {
    const closing = Promise.withResolvers<void>();
    const close = vi.fn<() => Promise<void>>(() => closing.promise);
    const { electron } = await startDesktopHost(folders, { openConsole: hostedConsole({ close }) });
    onlyWindow(electron).close();
    expect(close).toHaveBeenCalledTimes(1);
    expect(electron.record.exitCodes).toEqual([]);
    electron.quit();
    closing.resolve();
    expect(await electron.exited).toBe(0);
    expect(close).toHaveBeenCalledTimes(1);
    expect(existsSync(join(folders.dataFolder, 'window.json'))).toBe(true);
  });

  test('when the console hangs, quits after a time limit', async () => {
    const { electron, warnings } = await startDesktopHost(folders, {
      openConsole: hostedConsole({ close: () => new Promise<void>(() => {}) }),
      quitTimeoutMs: 5,
    });
    electron.quit();
    expect(await electron.exited).toBe(1);
    expect(warnings.map((warning) => warning.message)).toEqual(['the console did not close in time']);
  });

  test('when the console fails to close, quits with exit code 1', async () => {
    const { electron, warnings } = await startDesktopHost(folders, {
      openConsole: hostedConsole({ close: () => Promise.reject(new AppError('STORE_FAILED', 'disk full')) }),
    });
    electron.quit();
    expect(await electron.exited).toBe(1);
    expect(warnings.map((warning) => warning.message)).toEqual(['the console failed to close']);
  });

  test('when quitting while the console opens, opens no window', async () => {
    const opening = Promise.withResolvers<HostedServices>();
    const electron = createElectronStandIn();
    const started = startDesktopHost(folders, { openConsole: () => opening.promise }, electron);
    await expect.poll(() => electron.record.isSandboxEnabled).toBe(true);
    electron.quit();
    opening.resolve(await hostedConsole()());
    await started;
    expect(electron.windows).toEqual([]);
    expect(await electron.exited).toBe(0);
  });
});
