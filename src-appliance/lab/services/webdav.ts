import type { IncomingMessage, ServerResponse } from 'node:http';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

const allowed = 'OPTIONS, GET, HEAD, PROPFIND';

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

type Entry = { href: string; isFolder: boolean; size: number; changed: Date };

function propertiesOf({ href, isFolder, size, changed }: Entry): string {
  const type = isFolder
    ? '<D:resourcetype><D:collection/></D:resourcetype>'
    : `<D:resourcetype/><D:getcontentlength>${size}</D:getcontentlength>`;
  return (
    `<D:response><D:href>${escapeXml(href)}</D:href><D:propstat><D:prop>${type}` +
    `<D:getlastmodified>${changed.toUTCString()}</D:getlastmodified></D:prop>` +
    '<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>'
  );
}

function hrefOf(names: readonly string[], isFolder: boolean): string {
  const path = names.map((name) => `/${encodeURIComponent(name)}`).join('');
  return isFolder ? `${path}/` : path;
}

/** Splits a URL's path into names. Null if it is malformed or leads out of the folder. */
function splitPath(url: string): string[] | null {
  try {
    const names = decodeURIComponent(url.split('?')[0] ?? '')
      .split('/')
      .filter((name) => name !== '');
    return names.some((name) => name === '..' || name === '.' || name.includes(sep) || name.includes('\0'))
      ? null
      : names;
  } catch {
    return null;
  }
}

async function entriesAt(request: { root: string; names: string[]; depth: string }): Promise<Entry[]> {
  const { root, names } = request;
  const path = join(root, ...names);
  const own = await stat(path);
  const isFolder = own.isDirectory();
  const entries: Entry[] = [{ href: hrefOf(names, isFolder), isFolder, size: own.size, changed: own.mtime }];
  if (!isFolder || request.depth === '0') return entries;
  for (const name of (await readdir(path)).toSorted()) {
    const child = await stat(join(path, name));
    entries.push({
      href: hrefOf([...names, name], child.isDirectory()),
      isFolder: child.isDirectory(),
      size: child.size,
      changed: child.mtime,
    });
  }
  return entries;
}

/**
 * A read-only WebDAV server of class 1 (RFC 4918) for a folder. Supports OPTIONS, GET, HEAD, and PROPFIND at
 * depth 0 and 1.
 */
export function createWebdavHandler(
  root: string,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    request.resume();
    const answer = (status: number, headers: Record<string, string> = {}, body?: string | Buffer): void => {
      response.writeHead(status, { DAV: '1', ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const names = splitPath(request.url ?? '/');
    if (names === null) return answer(400);
    try {
      switch (request.method) {
        case 'OPTIONS':
          return answer(200, { Allow: allowed, 'Content-Length': '0' });
        case 'PROPFIND': {
          const depth = request.headers['depth'] === '0' ? '0' : '1';
          const entries = await entriesAt({ root, names, depth });
          const body = `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">${entries.map(propertiesOf).join('')}</D:multistatus>\n`;
          return answer(207, { 'Content-Type': 'application/xml; charset=utf-8' }, body);
        }
        case 'GET':
        case 'HEAD': {
          const path = join(root, ...names);
          if ((await stat(path)).isDirectory())
            return answer(200, { 'Content-Type': 'text/plain' }, (await readdir(path)).join('\n'));
          return answer(200, { 'Content-Type': 'application/octet-stream' }, await readFile(path));
        }
        default:
          return answer(405, { Allow: allowed });
      }
    } catch (error) {
      const code = systemErrorCode(error);
      return answer(code === 'ENOENT' || code === 'ENOTDIR' ? 404 : 500);
    }
  };
}
