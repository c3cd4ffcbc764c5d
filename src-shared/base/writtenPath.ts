/** The home folder as shells and ssh write it at the start of a path: `$HOME`, `${HOME}`, `%d`, `%USERPROFILE%`. */
const homeName =
  /^(?:\$(?:HOME\b|\{HOME\}|env:(?:USERPROFILE|HOME)\b|\{env:(?:USERPROFILE|HOME)\})|%(?:d(?=$|[/\\])|HOME%|USERPROFILE%|HOMEDRIVE%%HOMEPATH%))(?=$|[/\\])/iu;

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

/** Plain quotes, and the curly ones that word processors and chats put in their place. */
const quotedWhole = [
  /^"([^"]*)"$/u,
  /^'([^']*)'$/u,
  /^[“„«]([^“”«»]*)[”“»]$/u,
  /^[‘‚]([^‘’]*)[’‘]$/u,
] as const;

/** Removes quotes around whole parts of a path, as in `"$HOME"/keys` and `/home/'Ada B'/keys`. */
function removeQuotes(path: string): string {
  return path.replaceAll(/(?<=^|\/)(?:"([^"]*)"|'([^']*)')(?=\/|$)/gu, '$1$2');
}

/**
 * Reads a path as people copy it from a shell or a file manager: removes quotes around it, and the backslashes that escape spaces
 * and quotes, and writes the home folder as `~`. The backslashes of Windows paths stay.
 */
export function readWrittenPath(text: string): string {
  const written = text.trim();
  const url = readFileUrl(written);
  if (url !== null) return url;
  const inner = quotedWhole.map((pattern) => pattern.exec(written)?.[1]).find((path) => path !== undefined);
  const isWindows = /^"?(?:[A-Za-z]:|\\\\|%)/u.test(written);
  const plain = inner ?? (isWindows ? written : removeQuotes(written).replaceAll(/\\([ '"()&$])/gu, '$1'));
  return plain.replace(homeName, '~');
}
