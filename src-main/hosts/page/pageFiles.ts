import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { contentSecurityPolicy, createNonce, noncePlaceholder } from './contentSecurityPolicy.ts';

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.woff', 'font/woff'],
]);

/** Client IDs have dots, so a place may; a segment that starts with one never is a place. */
const placePattern = /^\/(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*\/?)?$/;

const alwaysSent = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export type PageResponse = {
  status: 200 | 404;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
};

export type PageFiles = { respond: (pathname: string) => Promise<PageResponse> };

function textBody(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/**
 * The built page, for either host. Only files that were listed at the start can be asked for, by their exact
 * name, so that no spelling of a path leads out of the folder. A plain path that names no kind of file is a place
 * inside the page and gets index.html. Rejects when the folder or its index.html is missing.
 */
export async function openPageFiles(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.isFile() || !contentTypes.has(extname(entry.name))) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, file).split(sep).join('/')}`, file);
  }
  const indexHtml = await readFile(join(folder, 'index.html'), 'utf8');

  function index(): PageResponse {
    const nonce = createNonce();
    return {
      status: 200,
      headers: {
        ...alwaysSent,
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': contentSecurityPolicy(nonce),
        'Cache-Control': 'no-store',
      },
      body: textBody(indexHtml.replaceAll(noncePlaceholder, nonce)),
    };
  }

  async function respond(pathname: string): Promise<PageResponse> {
    if (pathname === '/index.html') return index();
    const file = files.get(pathname);
    if (file !== undefined) {
      return {
        status: 200,
        headers: {
          ...alwaysSent,
          'Content-Type': contentTypes.get(extname(file)) ?? 'application/octet-stream',
          // A worker or a document made from any of these files stays under the page's own limits.
          'Content-Security-Policy': contentSecurityPolicy(createNonce()),
        },
        body: new Uint8Array(await readFile(file)),
      };
    }
    if (placePattern.test(pathname) && !contentTypes.has(extname(pathname))) return index();
    return {
      status: 404,
      headers: { ...alwaysSent, 'Content-Type': 'text/plain; charset=utf-8' },
      body: textBody('Not found'),
    };
  }

  return { respond };
}
