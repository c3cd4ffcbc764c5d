import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { contentSecurityPolicy, createNonce, noncePlaceholder } from './contentSecurityPolicy.ts';
import { isolationHeaders } from './headers.ts';

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

/**
 * Matches addresses of pages. They may contain dots, because client IDs may, but no segment may start with a
 * dot.
 */
const pageAddressPattern = /^\/(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*\/?)?$/;

/** The compressed forms that the build writes for each text file, the smaller one first. */
const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/** Files that load nothing. Their short policy saves hundreds of bytes for each. */
const passiveTypes: ReadonlySet<string> = new Set(['.css', '.png', '.ico', '.woff2', '.woff']);

/** Workers and documents that are loaded from a file get the same policy as the page. */
function policyOf(file: string): string {
  return passiveTypes.has(extname(file)) ? "default-src 'none'" : contentSecurityPolicy(createNonce());
}

/** Whether an Accept-Encoding header allows `encoding`. */
function acceptsEncoding(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    return name === encoding && !parameters.some((word) => /^q=0(?:\.0*)?$/u.test(word));
  });
}

export type PageResponse = {
  status: 200 | 404;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
};

function textBody(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/**
 * Serves the built page for both hosts. Finds files only by their exact names, which it lists once, so that
 * no path leads out of the folder. Addresses of pages get index.html. Rejects if index.html is missing.
 */
export async function openPageFiles(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = new Map<string, string>();
  /** Folders of built files, e.g. `/assets/`. No page has an address in them. */
  const folders: string[] = [];
  const encoded = new Set<string>();
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    if (entry.isDirectory()) folders.push(`${path}/`);
    if (!entry.isFile()) continue;
    if (encodings.some(({ ending }) => file.endsWith(ending))) encoded.add(file);
    else if (contentTypes.has(extname(file))) files.set(path, file);
  }
  const indexHtml = await readFile(join(folder, 'index.html'), 'utf8');

  function index(): PageResponse {
    const nonce = createNonce();
    return {
      status: 200,
      headers: {
        ...isolationHeaders,
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': contentSecurityPolicy(nonce),
        'Cache-Control': 'no-store',
      },
      body: textBody(indexHtml.replaceAll(noncePlaceholder, nonce)),
    };
  }

  /**
   * `acceptEncoding` is the Accept-Encoding header of the request. Without it, the file is sent uncompressed.
   */
  async function respond(pathname: string, acceptEncoding = ''): Promise<PageResponse> {
    if (pathname === '/index.html') return index();
    const file = files.get(pathname);
    if (file !== undefined) {
      const built = encodings.filter(({ ending }) => encoded.has(`${file}${ending}`));
      const encoding = built.find(({ name }) => acceptsEncoding(acceptEncoding, name));
      return {
        status: 200,
        headers: {
          ...isolationHeaders,
          'Content-Type': contentTypes.get(extname(file)) ?? 'application/octet-stream',
          'Content-Security-Policy': policyOf(file),
          ...(built.length === 0 ? {} : { Vary: 'Accept-Encoding' }),
          ...(encoding === undefined ? {} : { 'Content-Encoding': encoding.name }),
        },
        body: new Uint8Array(await readFile(`${file}${encoding?.ending ?? ''}`)),
      };
    }
    const isPage =
      pageAddressPattern.test(pathname) &&
      !contentTypes.has(extname(pathname)) &&
      !folders.some((built) => pathname.startsWith(built));
    if (isPage) return index();
    return {
      status: 404,
      headers: { ...isolationHeaders, 'Content-Type': 'text/plain; charset=utf-8' },
      body: textBody('Not found'),
    };
  }

  return { respond };
}
export type PageFiles = Awaited<ReturnType<typeof openPageFiles>>;
