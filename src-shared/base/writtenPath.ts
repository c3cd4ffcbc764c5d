/** The home folder as shells and ssh write it at the start of a path: `$HOME`, `${HOME}`, `%d`, `%USERPROFILE%`. */
const homeName =
  /^(?:\$(?:HOME\b|\{HOME\}|env:USERPROFILE\b)|%(?:d(?=$|[/\\])|HOME%|USERPROFILE%))(?=$|[/\\])/iu;

/** The path of a `file:` URL, as file managers and browsers copy it. Null for any other text, or another computer. */
function readFileUrl(text: string): string | null {
  const url = /^file:/iu.test(text) ? URL.parse(text) : null;
  if (url === null || (url.hostname !== '' && url.hostname !== 'localhost')) return null;
  try {
    const path = decodeURIComponent(url.pathname);
    // A drive of Windows stands behind a slash in a URL.
    return /^\/[A-Za-z]:\//u.test(path) ? path.slice(1) : path;
  } catch {
    return null;
  }
}

/**
 * Reads a path as people copy it from a shell or a file manager: removes quotes around it, and the backslashes that escape spaces
 * and quotes, and writes the home folder as `~`. The backslashes of Windows paths stay.
 */
export function readWrittenPath(text: string): string {
  const written = text.trim();
  const url = readFileUrl(written);
  if (url !== null) return url;
  const inner = /^"([^"]*)"$/u.exec(written)?.[1] ?? /^'([^']*)'$/u.exec(written)?.[1];
  const isWindows = /^"?(?:[A-Za-z]:|\\\\|%)/u.test(written);
  const path = inner ?? (isWindows ? written : written.replaceAll(/\\([ '"()&$])/gu, '$1'));
  return path.replace(homeName, '~');
}
