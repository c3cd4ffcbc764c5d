import type { AppPart, SessionPart } from './electronParts.ts';
import { isPageUrl, pageOrigin } from './channels.ts';

/** Sources that never leave the process; the page's Content-Security-Policy decides where they may be used. */
const localSources = new Set(['data:', 'blob:']);

function isAllowedRequest(address: string, isDevelopment: boolean): boolean {
  if (isPageUrl(address)) return true;
  if (!URL.canParse(address)) return false;
  const { protocol } = new URL(address);
  return localSources.has(protocol) || (isDevelopment && protocol === 'devtools:');
}

/**
 * The page copies fingerprints and IDs to the clipboard, for which Chromium asks for this permission. It is the only
 * granted one, and only for the page's own top frame. Reading the clipboard is not granted.
 */
function isAllowedPermission(permission: string, frame: { url: string; isMainFrame: boolean }): boolean {
  return permission === 'clipboard-sanitized-write' && frame.isMainFrame && isPageUrl(frame.url);
}

/** Downloads that the page creates itself, e.g. a CSV file. Electron asks the user where to save them. */
function isAllowedDownload(address: string): boolean {
  return address.startsWith(`blob:${pageOrigin}/`);
}

/** Refuses nearly all permissions of the page's session and serves only the page's own files. */
export function hardenSession(pageSession: SessionPart, options: { isDevelopment: boolean }): void {
  pageSession.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(
      isAllowedPermission(permission, { url: details.requestingUrl, isMainFrame: details.isMainFrame }),
    ),
  );
  pageSession.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) =>
    isAllowedPermission(permission, { url: requestingOrigin, isMainFrame: details.isMainFrame }),
  );
  pageSession.setDevicePermissionHandler(() => false);
  // The spell checker would download dictionaries from the internet.
  pageSession.setSpellCheckerEnabled(false);
  pageSession.on('will-download', (event, item) => {
    if (!isAllowedDownload(item.getURL())) event.preventDefault();
  });
  pageSession.webRequest.onBeforeRequest((details, callback) =>
    callback({ cancel: !isAllowedRequest(details.url, options.isDevelopment) }),
  );
}

/**
 * Restricts every web contents, even unexpected ones: the main frame stays on the page (and may reload it), other
 * frames never navigate, no window opens, no webview attaches, and external links never open.
 */
export function hardenWebContents(app: AppPart): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (details) => {
      if (!isPageUrl(details.url)) details.preventDefault();
    });
    contents.on('will-frame-navigate', (details) => {
      if (!details.isMainFrame || !isPageUrl(details.url)) details.preventDefault();
    });
    // The page's own scheme never redirects.
    contents.on('will-redirect', (details) => details.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
