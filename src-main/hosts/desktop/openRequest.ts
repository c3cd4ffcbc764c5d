import { updateFileEnding } from '../../../src-shared/model/update/updateFile.ts';
import { linkScheme } from './channels.ts';
import type { AppPart } from './electronParts.ts';

/** What the system asks the desktop to open: a page by a link, or an update file. */
export type OpenRequest = { kind: 'page'; path: string } | { kind: 'update'; file: string };

/**
 * The page of a link such as `sallyport://page/tenants`, or null for any other address. A link may name a page only: its
 * query and fragment are dropped, because any web page can contain it.
 */
function pageOfLink(address: string): OpenRequest | null {
  if (!URL.canParse(address)) return null;
  const { host, pathname, protocol } = new URL(address);
  const isPage =
    protocol === `${linkScheme}:` && host === 'page' && /^(?:\/[\w~-][\w.~-]*)*\/?$/u.test(pathname);
  return isPage ? { kind: 'page', path: pathname.replace(/^\//u, '') } : null;
}

/** Parses a link or the path of a file. Null if it is neither. */
export function parseOpenRequest(target: string): OpenRequest | null {
  if (target.startsWith(`${linkScheme}:`)) return pageOfLink(target);
  return target.endsWith(updateFileEnding) && !target.startsWith('-')
    ? { kind: 'update', file: target }
    : null;
}

/** The first request among the arguments of a start. */
export function findOpenRequest(argv: readonly string[]): OpenRequest | null {
  for (const argument of argv) {
    const request = parseOpenRequest(argument);
    if (request !== null) return request;
  }
  return null;
}

/**
 * Collects requests from the start on, because macOS sends them before the window is open. `handleWith` gets the waiting
 * update file and each later request; a waiting page is what the window opens with.
 */
export function collectOpenRequests(app: AppPart, first: OpenRequest | null) {
  let waiting = first;
  let handler: ((request: OpenRequest) => void) | null = null;
  const take = (request: OpenRequest | null): void => {
    if (request === null) return;
    if (handler === null) waiting = request;
    else handler(request);
  };
  for (const event of ['open-url', 'open-file'] as const)
    app.on(event, (sent, target) => {
      sent.preventDefault();
      take(parseOpenRequest(target));
    });
  return {
    take,
    waiting: () => waiting,
    handleWith: (next: (request: OpenRequest) => void): void => {
      handler = next;
      if (waiting?.kind === 'update') next(waiting);
    },
  };
}
