/** Maximum nesting depth of an answer **[ours]**. The kit's answers have six levels. */
export const maxJsonDepth = 32;

export type JsonSize = {
  /** Maximum nesting depth of arrays and objects. */
  depth: number;
  /**
   * Number of values, including arrays and objects. Never lower than the number that `JSON.parse` creates.
   */
  values: number;
};

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Returns the index of the quote that closes the string; `from` is inside the string. Returns the length of
 * the text if the string is not closed.
 */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (at - escapes > from && text.charCodeAt(at - escapes - 1) === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}

/**
 * Measures JSON in one pass without parsing it. Stops when a limit is exceeded, so the result can be too low
 * then. The result for invalid JSON has no meaning.
 */
export function measureJson(text: string, bounds: { maxDepth: number; maxValues: number }): JsonSize {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at + 1);
        break;
      case openBracket:
      case openBrace:
        depth += 1;
        values += 1;
        if (depth > deepest) deepest = depth;
        break;
      case closeBracket:
      case closeBrace:
        depth -= 1;
        break;
      case comma:
        values += 1;
        break;
      default:
    }
    if (deepest > bounds.maxDepth || values > bounds.maxValues) break;
  }
  return { depth: deepest, values };
}
