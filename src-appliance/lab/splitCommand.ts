/**
 * Splits a command line into words like a POSIX shell. Supports quotes and backslashes. Refuses everything
 * else with a meaning to the shell (expansion, pipes, redirection, globs). Returns the words, or one sentence
 * with the reason.
 */
export function parseWords(line: string): string[] | string {
  const words: string[] = [];
  let word: string | null = null;
  let index = 0;
  while (index < line.length) {
    const character = line.charAt(index);
    index += 1;
    if (character === ' ' || character === '\t') {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    if (character === "'") {
      const close = line.indexOf("'", index);
      if (close === -1) return 'a single quote is not closed';
      word = (word ?? '') + line.slice(index, close);
      index = close + 1;
      continue;
    }
    if (character === '"') {
      const quoted = readDoubleQuoted(line, index);
      if (typeof quoted === 'string') return quoted;
      word = (word ?? '') + quoted.text;
      index = quoted.next;
      continue;
    }
    if (character === '\\') {
      if (index >= line.length) return 'a backslash ends the line';
      if (line.charAt(index) !== '\n') word = (word ?? '') + line.charAt(index);
      index += 1;
      continue;
    }
    if (
      '|&;<>()$`*?[]{}!\n'.includes(character) ||
      (word === null && (character === '#' || character === '~'))
    )
      return `${JSON.stringify(character)} must be quoted, because the lab has no shell`;
    word = (word ?? '') + character;
  }
  if (word !== null) words.push(word);
  return words;
}

/**
 * `start` is after the opening quote. Within the quotes, a backslash escapes only $ ` " \ and a line end
 * (POSIX 2.2.3).
 */
function readDoubleQuoted(line: string, start: number): { text: string; next: number } | string {
  let text = '';
  for (let index = start; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') return { text, next: index + 1 };
    if (character === '$' || character === '`')
      return `${JSON.stringify(character)} must be quoted, because the lab has no shell`;
    const following = line.charAt(index + 1);
    if (character === '\\' && following !== '' && '$`"\\\n'.includes(following)) {
      if (following !== '\n') text += following;
      index += 1;
    } else text += character;
  }
  return 'a double quote is not closed';
}
