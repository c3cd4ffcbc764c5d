import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import { quoteText, shorten, visibleText } from '../../../src-shared/base/machineText.ts';
import { formatHostHeader, type HttpAnswer } from './httpExchange.ts';

const maxShown = 160;

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const portOf = (url: URL) => (url.port === '' ? (defaultPorts[url.protocol] ?? '') : url.port);
/** Without the dot that marks a complete name. */
const hostOf = (url: URL | null) => url?.hostname.replace(/\.$/u, '');

/** The path without its parameters and the query, which may hold secrets such as `;jsessionid=`. */
function shownPath(url: URL): string {
  const query = url.search === '' ? '' : '?…';
  return `${url.pathname.replaceAll(/;[^/]*/gu, ';…')}${query}`;
}

/** Where a redirect leads, without a user name and a password. */
function shownUrl(url: URL): string {
  return shorten(visibleText(`${url.protocol}//${url.host}${shownPath(url)}`), maxShown);
}

/** What a redirect asks for that connect.yaml says differently. Null for a path of the same service. */
function findDifference(url: URL, uri: RepositoryUri): string | null {
  const scheme = uri.scheme ?? '';
  const named = URL.parse(`${url.protocol}//${formatHostHeader(uri)}`);
  if (hostOf(url) !== hostOf(named)) return `connect.yaml says ${formatHostHeader(uri)}`;
  if (url.protocol !== `${scheme}:`) return `connect.yaml says ${scheme}`;
  return portOf(url) === String(uri.port) ? null : `connect.yaml says port ${uri.port}`;
}

export type Redirect = {
  /** The path to follow. Null if it leads to another service, or nowhere new. */
  path: string | null;
  /** E.g. `HTTP 301 to https://dav.example/; connect.yaml says http`. */
  described: string;
};

/**
 * Reads the redirect of an answer to a request for `from`; null for any other answer. The tunnel leads to one
 * service, so a redirect to another one is described and not followed.
 */
export function readRedirect(from: string, uri: RepositoryUri, answer: HttpAnswer): Redirect | null {
  const location = answer.header('location');
  if (answer.status < 301 || answer.status > 308 || location === '') return null;
  const base = `${uri.scheme ?? 'http'}://${formatHostHeader(uri)}`;
  const url = URL.parse(location, `${base}${from}`);
  const head = `HTTP ${answer.status} to`;
  if (url === null || defaultPorts[url.protocol] === undefined)
    return {
      path: null,
      described: `${head} ${quoteText(shorten(location, maxShown))}, which is no web address`,
    };
  const difference = findDifference(url, uri);
  if (difference !== null) return { path: null, described: `${head} ${shownUrl(url)}; ${difference}` };
  const path = `${url.pathname}${url.search}`;
  const shown = shorten(visibleText(shownPath(url)), maxShown);
  if (path === from || decodedPath(path) === decodedPath(from))
    return { path: null, described: `${head} ${shown}, which is the same path` };
  return { path, described: `${head} ${shown}` };
}

function decodedPath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
