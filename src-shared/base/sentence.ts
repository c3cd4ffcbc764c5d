/** Ends a message from elsewhere as a sentence, so that another sentence may follow it. */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed === '' || /[.!?…:]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
