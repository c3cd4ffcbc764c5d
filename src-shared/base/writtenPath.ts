/** The home folder as shells and ssh write it at the start of a path: `$HOME`, `${HOME}`, `%d`, `%USERPROFILE%`. */
const homeName =
  /^(?:\$(?:HOME\b|\{HOME\}|env:USERPROFILE\b)|%(?:d(?=$|[/\\])|HOME%|USERPROFILE%))(?=$|[/\\])/iu;

/**
 * Reads a path as people copy it from a shell: removes quotes around it, and the backslashes that escape spaces
 * and quotes, and writes the home folder as `~`. The backslashes of Windows paths stay.
 */
export function readWrittenPath(text: string): string {
  const written = text.trim();
  const inner = /^"([^"]*)"$/u.exec(written)?.[1] ?? /^'([^']*)'$/u.exec(written)?.[1];
  const isWindows = /^"?(?:[A-Za-z]:|\\\\|%)/u.test(written);
  const path = inner ?? (isWindows ? written : written.replaceAll(/\\([ '"()&$])/gu, '$1'));
  return path.replace(homeName, '~');
}
