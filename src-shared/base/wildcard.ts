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

export type PatternMatcher = (text: string) => boolean;

const isWildcard = (pattern: string) => /[*?]/u.test(pattern);

function createAnyMatcher(patterns: readonly string[]): PatternMatcher {
  const names = new Set(patterns.filter((pattern) => !isWildcard(pattern)));
  const wildcards = patterns.filter(isWildcard);
  return (text) => names.has(text) || wildcards.some((pattern) => matchesWildcard(text, pattern));
}

/** Matches texts that fit one of the patterns and no pattern that starts with `!`. Upper and lower case differ. */
export function createPatternMatcher(patterns: readonly string[]): PatternMatcher {
  const isIncluded = createAnyMatcher(patterns.filter((pattern) => !pattern.startsWith('!')));
  const isExcluded = createAnyMatcher(
    patterns.flatMap((pattern) => (pattern.startsWith('!') ? [pattern.slice(1)] : [])),
  );
  return (text) => isIncluded(text) && !isExcluded(text);
}
