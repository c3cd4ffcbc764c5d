/** The text for a block of NUL bytes, which a power loss or a truncation leaves in a file. */
export function formatPadding(length: number): string {
  return `[${length} NUL byte${length === 1 ? '' : 's'}]`;
}

/** Matches the text for a block of NUL bytes at the start of a line. */
export const paddingPattern = /^\[\d{1,16} NUL bytes?\]/u;

/**
 * Replaces each block of NULs by its text. A single NUL inside a line stays, because it may be part of the text.
 */
export function markPadding(text: string): string {
  if (!text.includes('\0')) return text;
  return text.replace(/(?<![^\n])\0+|\0{2,}/gu, ({ length }) => formatPadding(length));
}
