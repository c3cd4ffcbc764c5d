/** Minimum text that begins a document of the kit: an object with a first field. */
const objectStart = /^\{(?:\s*"|\}\s*$)/mu;

/**
 * Splits output into the text in front of the JSON document and the document. A start-up file of the login
 * shell may print such a text. The document begins at the first line that begins an object, or else at the
 * first object; whatever stands behind it stays part of it, so that it is no JSON then.
 */
export function splitStartupText(output: string): { startupText: string; document: string } {
  const line = objectStart.exec(output)?.index ?? -1;
  const start = line === -1 ? output.indexOf('{"') : line;
  if (start <= 0 || output.slice(0, start).trim() === '') return { startupText: '', document: output };
  return { startupText: output.slice(0, start), document: output.slice(start) };
}
