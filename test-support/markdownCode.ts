/** The code blocks of a Markdown text in this language, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  const fence = '```';
  return markdown
    .split(`\n${fence}${language}\n`)
    .slice(1)
    .map((rest) => `${rest.split(`\n${fence}`)[0] ?? ''}\n`);
}
