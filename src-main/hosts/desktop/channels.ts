/** The address of the page in the desktop host. The preload shares this file, so it imports nothing. */
export const pageScheme = 'app';
const pageHost = 'sallyport';
export const pageOrigin = 'app://sallyport';
export const pageUrl = 'app://sallyport/';

/** The only IPC channel: the preload requests a port on it, and the main process answers with one. */
export const portChannel = 'sallyport-port';

/** Whether an address is the page's. Compares the parts, because Node gives the origin of a custom scheme as `null`. */
export function isPageUrl(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === `${pageScheme}:` && url.host === pageHost && url.username === '' && url.password === ''
  );
}
