/**
 * Whether the whole `text` matches an OpenSSH pattern: `*` is any text, `?` any character. Takes at most length ×
 * length steps.
 */
export function matchesWildcard(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      next += 1;
      resume = at;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      next += 1;
      at += 1;
    } else if (star !== -1) {
      resume += 1;
      at = resume;
      next = star + 1;
    } else return false;
  }
  while (pattern[next] === '*') next += 1;
  return next === pattern.length;
}

/** Whether `text` matches one of the patterns and no pattern that starts with `!`. Ignores case. */
export function matchesPatterns(text: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string) => matchesWildcard(text.toLowerCase(), pattern.toLowerCase());
  const isExcluded = patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)));
  return !isExcluded && patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}
