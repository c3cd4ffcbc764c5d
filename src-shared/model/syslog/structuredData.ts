import type { SyslogLine } from './syslogLine.ts';

/** One element of RFC 5424's structured data, e.g. `[origin ip="10.0.0.7"]`. A name may occur several times. */
export type StructuredElement = { id: string; params: { name: string; value: string }[] };

const maxElements = 64;
const headPattern = /<\d{1,3}>1 (?:-|\d{4}-)[^\n]*$/u;
const elementPattern = /\[([^\s\]"=]{1,32})((?: [^\s\]"=]{1,32}="(?:\\.|[^"\\])*")*)\]/suy;
const paramPattern = / ([^\s\]"=]{1,32})="((?:\\.|[^"\\])*)"/gsu;

/**
 * Reads the structured data of a line in the format of RFC 5424, and the message after it. Null if the line has none.
 * Escaped characters (`\"`, `\\`, `\]`) are read; the line itself keeps them, so that a search for its text finds it.
 */
export function readStructuredData({
  head,
  message,
}: Pick<SyslogLine, 'head' | 'message'>): { elements: StructuredElement[]; message: string } | null {
  if (!message.startsWith('[') || !headPattern.test(head)) return null;
  const elements: StructuredElement[] = [];
  let end = 0;
  elementPattern.lastIndex = 0;
  for (let match = elementPattern.exec(message); match !== null; match = elementPattern.exec(message)) {
    end = elementPattern.lastIndex;
    const [, id = '', written = ''] = match;
    const params = Array.from(written.matchAll(paramPattern), ([, name = '', value = '']) => ({
      name,
      value: value.replaceAll(/\\(["\\\]])/gu, '$1'),
    }));
    if (elements.length < maxElements) elements.push({ id, params });
  }
  const rest = message.slice(end);
  if (elements.length === 0 || !(rest === '' || rest.startsWith(' '))) return null;
  return { elements, message: rest.replace(/^ \ufeff?/u, '') };
}
