import { RE2JS } from 're2js';
import { quoteText } from '../../../base/machineText.ts';
import { createNativeRegexp } from './nativeRegexp.ts';

/** Size of the largest compiled expression, in instructions of RE2 **[ours]**. */
const maxProgramSize = 4000;

export type RegexpQuery = { source: string; flags: '' | 'i' };

function createRe2({ source, flags }: RegexpQuery): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(source), flags === 'i' ? RE2JS.CASE_INSENSITIVE : 0);
}

const unsupported: readonly [RegExp, string][] = [
  [/\(\?<?[=!]/u, 'Looking ahead or behind (?=…) is not supported. Combine two terms with AND or NOT.'],
  [/\\[1-9]|\\k</u, String.raw`References to groups (\1) are not supported.`],
];

/** What is wrong with a regular expression, as a sentence; null if it can be used. */
export function findRegexpFault(query: RegexpQuery): string | null {
  const known = unsupported.find(([pattern]) => pattern.test(query.source.replaceAll(/\\\\/gu, '')));
  if (known !== undefined) return known[1];
  try {
    const compiled = createRe2(query);
    return compiled.programSize() > maxProgramSize
      ? 'The regular expression is too large. Repeat less often, e.g. {1,100} instead of {1,1000}.'
      : null;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^error parsing regexp: /u, '') : 'syntax';
    return `The regular expression is not valid: ${reason.replace(/`(.*)`/su, (_, part: string) => quoteText(part))}.`;
  }
}

const ascii = /^[\0-\x7f]*$/u;

/**
 * Compiles a regular expression (syntax of RE2, as in Go and Grafana) into a test of one line. It takes time in step with
 * the line's length, whatever the expression: V8 runs only what provably ends soon, RE2 all the rest.
 */
export function compileRegexp(query: RegexpQuery): (line: string) => boolean {
  const native = createNativeRegexp(query);
  let re2: RE2JS | null = null;
  return (line) => {
    if (native !== null && line.length <= native.maxLength && ascii.test(line))
      return native.regexp.test(line);
    re2 ??= createRe2(query);
    return re2.test(line);
  };
}
