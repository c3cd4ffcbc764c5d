import { createNativeRegexp } from '../../../../src-shared/model/syslog/query/nativeRegexp.ts';

const tokenPattern =
  /(?<group>\((?:\?:)?|\))|(?<bar>\|)|(?<anchor>[\^$]|\\[bB])|(?<class>\[(?:\\.|[^\]\\])*\]|\\[dDwWsS]|\.)|(?<quantifier>(?:[*+?]|\{\d+(?:,\d*)?\})\??)|\\?(?<literal>.)/gsu;
/** `s` and `k` fold to characters outside ASCII, too, which a filter would not find. */
const foldsFurther = /[sk]/iu;

/**
 * Texts that each line has that matches a regular expression: runs of plain characters outside of groups. None if the
 * expression is not simple enough to tell.
 */
export function requiredLiterals({ source, flags }: { source: string; flags: '' | 'i' }): string[] {
  if (createNativeRegexp({ source, flags }) === null) return [];
  const literals: string[] = [];
  let literal = '';
  let depth = 0;
  const end = () => {
    if (literal.length > 0) literals.push(literal);
    literal = '';
  };
  for (const { groups = {} } of source.matchAll(tokenPattern)) {
    if (groups['bar'] !== undefined && depth === 0) return [];
    const character = groups['literal'];
    if (groups['group'] !== undefined) {
      end();
      depth += groups['group'] === ')' ? -1 : 1;
    } else if (groups['quantifier'] !== undefined) {
      // The last character may be missing or be there several times.
      literal = literal.slice(0, -1);
      end();
    } else if (character === undefined || depth > 0) {
      // An anchor is of no length, so that the text goes on behind it.
      if (groups['anchor'] === undefined) end();
    } else if (character > '\u007f' || (flags === 'i' && foldsFurther.test(character))) end();
    else literal += character;
  }
  end();
  return literals;
}
