/**
 * The scheme of the page's address in the desktop host. This file has no imports, because the sandboxed
 * preload also contains it.
 */
export const pageScheme = 'app';
const pageHost = 'sallyport';
export const pageOrigin = 'app://sallyport';
export const pageUrl = 'app://sallyport/';

/** The scheme of links that open a page of the desktop, e.g. `sallyport://page/tenants`. */
export const linkScheme = 'sallyport';

/** The only IPC channel. The preload requests a port on it, and the main process answers with the port. */
export const portChannel = 'sallyport-port';

/**
 * Whether an address belongs to the page. Compares scheme and host, because Node returns the origin `null`
 * for a custom scheme.
 */
export function isPageUrl(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === `${pageScheme}:` && url.host === pageHost && url.username === '' && url.password === ''
  );
}
