import type { AppPart, SessionPart } from './electronParts.ts';
import { isCameraAddress } from '../../../src-shared/cameraAddress.ts';
import { isPageUrl, pageOrigin } from './channels.ts';

/**
 * URLs with these schemes never leave the process. The page's Content-Security-Policy limits where they may
 * be used.
 */
const localSources = new Set(['data:', 'blob:']);

function isAllowedRequest(address: string, isDevelopment: boolean): boolean {
  if (isPageUrl(address)) return true;
  if (!URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  return localSources.has(protocol) || (isDevelopment && protocol === 'devtools:');
}

/**
 * Allows two permissions, and only to the page's own top frame: writing to the clipboard, because the page copies
 * fingerprints and IDs, and the camera without sound in a document that was opened for it. The clipboard is never read.
 */
function isAllowedPermission(
  permission: string,
  frame: { url: string; isMainFrame: boolean; media: readonly string[] },
): boolean {
  if (!frame.isMainFrame || !isPageUrl(frame.url)) return false;
  if (permission === 'media')
    return (
      isCameraAddress(frame.url) && frame.media.length > 0 && frame.media.every((kind) => kind === 'video')
    );
  return permission === 'clipboard-sanitized-write';
}

/**
 * Allows downloads that the page itself creates, e.g. a CSV file. Electron asks the user where to save them.
 */
function isAllowedDownload(address: string): boolean {
  return address.startsWith(`blob:${pageOrigin}/`);
}

/** Restricts the page's session: refuses all permissions but two, and loads only the page's own files. */
export function hardenSession(pageSession: SessionPart, options: { isDevelopment: boolean }): void {
  pageSession.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(
      isAllowedPermission(permission, {
        url: details.requestingUrl,
        isMainFrame: details.isMainFrame,
        media: details.mediaTypes ?? [],
      }),
    ),
  );
  pageSession.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) =>
    isAllowedPermission(permission, {
      url: permission === 'media' ? (details.requestingUrl ?? requestingOrigin) : requestingOrigin,
      isMainFrame: details.isMainFrame,
      media: details.mediaType === undefined ? [] : [details.mediaType],
    }),
  );
  pageSession.setDevicePermissionHandler(() => false);
  // Switch off the spell checker, because it would download dictionaries from the internet.
  pageSession.setSpellCheckerEnabled(false);
  pageSession.on('will-download', (event, item) => {
    if (!isAllowedDownload(item.getURL())) event.preventDefault();
  });
  pageSession.webRequest.onBeforeRequest((details, callback) =>
    callback({ cancel: !isAllowedRequest(details.url, options.isDevelopment) }),
  );
}

/**
 * Restricts all web contents, including unexpected ones. The main frame stays on the page but may reload it,
 * other frames never navigate, no window opens, no webview attaches, and no external link opens.
 */
export function hardenWebContents(app: AppPart): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (details) => {
      if (!isPageUrl(details.url)) details.preventDefault();
    });
    contents.on('will-frame-navigate', (details) => {
      if (!details.isMainFrame || !isPageUrl(details.url)) details.preventDefault();
    });
    // The page's own files never cause a redirect, so prevent every redirect.
    contents.on('will-redirect', (details) => details.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
