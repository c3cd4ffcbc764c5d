import type { PageFiles } from '../page/pageFiles.ts';
import type { ElectronParts, SessionPart } from './electronParts.ts';
import { isPageUrl, pageScheme } from './channels.ts';

/** Call this before the app is ready, because Electron accepts no privileged schemes later. */
export function registerPageScheme(protocol: ElectronParts['protocol']): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: pageScheme,
      privileges: {
        standard: true,
        secure: true,
        supportFetchAPI: true,
        codeCache: true,
        bypassCSP: false,
        allowServiceWorkers: false,
        corsEnabled: false,
      },
    },
  ]);
}

function refusal(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}

/**
 * Serves the built page in its session under the scheme and host of `channels.ts`. Refuses requests that
 * write.
 */
export function servePage(pageSession: SessionPart, page: PageFiles): void {
  pageSession.protocol.handle(pageScheme, async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refusal(405, 'Only GET and HEAD are allowed');
    if (!isPageUrl(request.url)) return refusal(404, 'Not found');
    const { status, headers, body } = await page.respond(new URL(request.url).pathname);
    return new Response(request.method === 'HEAD' ? null : body, { status, headers });
  });
}
