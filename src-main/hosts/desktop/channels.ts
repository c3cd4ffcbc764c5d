/** The address of the page in the desktop host. The preload shares this file, so it imports nothing. */
export const pageScheme = 'app';
const pageHost = 'sallyport';
export const pageOrigin = 'app://sallyport';
export const pageUrl = 'app://sallyport/';

/** The one IPC channel: the preload asks on it, the main process answers with the port. */
export const portChannel = 'sallyport-port';

/** True for addresses of the page itself. Node gives `null` as origin of a scheme of one's own, so the parts are compared. */
export function isPageUrl(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === `${pageScheme}:` && url.host === pageHost && url.username === '' && url.password === ''
  );
}
