import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createDesktopFolders,
  onlyWindow,
  startDesktopHost,
} from '../../../test-support/electron/startDesktopHost.ts';

let folders: ReturnType<typeof createDesktopFolders>;
beforeEach(() => {
  folders = createDesktopFolders();
});
afterEach(() => folders.remove());

async function start(options: { isDevelopment?: boolean } = {}) {
  const { electron } = await startDesktopHost(folders, {
    openConsole: () =>
      Promise.resolve({
        serve: () => {},
        refresh: () => Promise.resolve(),
        close: () => Promise.resolve(),
      }),
    ...options,
  });
  const { handlers } = electron.session;
  return { electron, contents: onlyWindow(electron).webContents, handlers };
}

async function isCancelled(url: string, isDevelopment = false): Promise<boolean | undefined> {
  const { handlers } = await start({ isDevelopment });
  const answers: boolean[] = [];
  handlers.beforeRequest?.({ url }, ({ cancel }) => answers.push(cancel));
  return answers.length === 1 ? answers[0] : undefined;
}

async function isDownloadRefused(url: string): Promise<boolean> {
  const { electron } = await start();
  return electron.session.download(url);
}

async function request(url: string, init?: RequestInit): Promise<Response> {
  const { handlers } = await start();
  const handler = handlers.protocol.get('app');
  if (handler === undefined) throw new Error('nothing serves app://');
  return handler(new Request(url, init));
}

const elsewhere = [
  'https://example.com/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'app://other/',
  'app://sallyport.example/',
  'app://user@sallyport/',
  'app://sallyport:81/',
  'data:text/html,x',
  'javascript:alert(1)',
  'about:blank',
  'not an address',
] as const;

describe('navigation', () => {
  test.each(elsewhere)('rejects navigation to %s in any frame', async (url) => {
    const { contents } = await start();
    expect(contents.attempt('will-navigate', { url })).toBe(true);
    expect(contents.attempt('will-frame-navigate', { url, isMainFrame: true })).toBe(true);
    expect(contents.attempt('will-frame-navigate', { url, isMainFrame: false })).toBe(true);
    expect(contents.attempt('will-redirect', { url })).toBe(true);
  });

  test('lets the page reload itself, only in its top frame', async () => {
    const { contents } = await start();
    const url = 'app://sallyport/fleet';
    expect(contents.attempt('will-navigate', { url })).toBe(false);
    expect(contents.attempt('will-frame-navigate', { url, isMainFrame: true })).toBe(false);
    expect(contents.attempt('will-frame-navigate', { url, isMainFrame: false })).toBe(true);
    expect(contents.attempt('will-redirect', { url })).toBe(true);
  });

  test('opens no window and attaches no webview', async () => {
    const { contents, electron } = await start();
    const later = electron.addContents();
    for (const each of [contents, later]) {
      expect(each.openWindow()).toEqual({ action: 'deny' });
      expect(each.attempt('will-attach-webview')).toBe(true);
      expect(each.attempt('will-navigate', { url: 'https://example.com/' })).toBe(true);
    }
  });
});

describe('permissions', () => {
  const page = { requestingUrl: 'app://sallyport/fleet', isMainFrame: true };

  test.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'openExternal',
    'fileSystem',
    'unknown',
  ])('rejects %s on request and on check', async (permission) => {
    const { handlers, contents } = await start();
    const answers: boolean[] = [];
    handlers.permissionRequest?.(contents, permission, (isGranted) => answers.push(isGranted), page);
    expect(answers).toEqual([false]);
    expect(handlers.permissionCheck?.(contents, permission, page.requestingUrl, page)).toBe(false);
  });

  test('allows only copying text, only in the page’s own top frame', async () => {
    const { handlers, contents } = await start();
    const ask = (details: typeof page) => {
      const answers: (boolean | undefined)[] = [];
      handlers.permissionRequest?.(contents, 'clipboard-sanitized-write', (is) => answers.push(is), details);
      answers.push(
        handlers.permissionCheck?.(contents, 'clipboard-sanitized-write', details.requestingUrl, details),
      );
      return answers;
    };
    expect(ask(page)).toEqual([true, true]);
    expect(ask({ ...page, isMainFrame: false })).toEqual([false, false]);
    expect(ask({ ...page, requestingUrl: 'https://example.com/' })).toEqual([false, false]);
  });

  test.each([
    { url: 'app://sallyport/?camera#/licences/trips/1', media: 'video', isAllowed: true },
    { url: 'app://sallyport/?camera#/licences/trips/1', media: 'audio', isAllowed: false },
    { url: 'app://sallyport/#/licences/trips/1', media: 'video', isAllowed: false },
    { url: 'https://example.com/?camera', media: 'video', isAllowed: false },
  ])('when $url asks for $media, the answer is $isAllowed', async ({ url, media, isAllowed }) => {
    const { handlers, contents } = await start();
    const answers: (boolean | undefined)[] = [];
    const details = { requestingUrl: url, isMainFrame: true };
    handlers.permissionRequest?.(contents, 'media', (is) => answers.push(is), {
      ...details,
      mediaTypes: [media],
    });
    answers.push(
      handlers.permissionCheck?.(contents, 'media', 'app://sallyport', { ...details, mediaType: media }),
    );
    expect(answers).toEqual([isAllowed, isAllowed]);
  });

  test('rejects devices', async () => {
    const { handlers } = await start();
    expect(handlers.devicePermission?.()).toBe(false);
  });
});

describe('downloads', () => {
  test('saves files that the page itself created', async () =>
    expect(await isDownloadRefused('blob:app://sallyport/0b7c6d4e-9f0a-4b56-8a3c-1d2e3f405162')).toBe(false));

  test.each([
    ...elsewhere,
    'app://sallyport/assets/main.js',
    'blob:https://example.com/0b7c6d4e',
    'blob:app://sallyport.example/0b7c6d4e',
    'blob:null/0b7c6d4e',
  ])('rejects %s', async (url) => expect(await isDownloadRefused(url)).toBe(true));
});

describe('requests', () => {
  test.each([
    'https://example.com/x.js',
    'wss://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'app://other/',
    'devtools://devtools/x.js',
  ])('blocks %s', async (url) => expect(await isCancelled(url)).toBe(true));

  test('downloads no dictionary for a spell checker', async () => {
    expect((await start()).handlers.isSpellCheckerEnabled).toBe(false);
  });

  test('allows the page’s own files and data that never leaves the process', async () => {
    expect(await isCancelled('app://sallyport/assets/main.js')).toBe(false);
    expect(await isCancelled('data:image/png;base64,AA==')).toBe(false);
    expect(await isCancelled('devtools://devtools/x.js', true)).toBe(false);
    expect(await isCancelled('https://example.com/x.js', true)).toBe(true);
  });
});

describe('the page over app://', () => {
  test('index.html has a policy and its own nonce', async () => {
    const first = await request('app://sallyport/');
    const second = await request('app://sallyport/');
    const policy = first.headers.get('Content-Security-Policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(first.status).toBe(200);
    expect(policy).toContain("default-src 'none'");
    expect(nonce).toMatch(/^[\w+/]{24}$/);
    expect(await first.text()).toContain(`content="${nonce}"`);
    expect(second.headers.get('Content-Security-Policy')).not.toBe(policy);
  });

  test('serves built files; HEAD has no body', async () => {
    const file = await request('app://sallyport/assets/main.js');
    expect(file.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
    expect(await file.text()).toBe('export {};');
    const head = await request('app://sallyport/assets/main.js', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  test.each([
    'app://sallyport/../secret.json',
    'app://sallyport/assets/../../secret.json',
    'app://sallyport/%2e%2e/secret.json',
    'app://sallyport/..%2fsecret.json',
    'app://sallyport/..%5csecret.json',
    'app://other/',
    'app://other/assets/main.js',
    'app://sallyport.example/',
    'app:///assets/main.js',
  ])('when the path is %s, answers 404', async (url) => {
    const response = await request(url);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('secret');
  });

  test('rejects other methods than GET and HEAD', async () => {
    expect((await request('app://sallyport/', { method: 'POST', body: 'x' })).status).toBe(405);
  });
});
